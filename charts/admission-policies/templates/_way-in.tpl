{{- /* The one object that may open a way in from outside the cluster, as an expression; `false` where there is none. */}}
{{- define "admission-policies.wayIn" -}}
{{- $own := printf "request.namespace == %s && object.metadata.name == %s" (.namespace | squote) (.name | squote) }}
{{- if eq .by "http-route" -}}
(request.resource.resource == 'httproutes' && {{ $own }}
  && has(object.spec.parentRefs) && size(object.spec.parentRefs) == 1
  && object.spec.parentRefs.all(p, has(p.namespace) && p.namespace == {{ .parent.namespace | squote }}
    && p.name == {{ .parent.name | squote }} && has(p.sectionName) && p.sectionName == {{ .parent.listener | squote }})
  && has(object.spec.hostnames) && size(object.spec.hostnames) > 0
  && object.spec.hostnames.all(h, h == {{ .host | squote }})
  && has(object.spec.rules) && object.spec.rules.all(r, (!has(r.filters) || size(r.filters) == 0)
    && has(r.matches) && size(r.matches) > 0 && r.matches.all(m, has(m.path) && has(m.path.type) && m.path.type == 'Exact'
      && m.path.value in {{ .paths | toJson }})
    && (!has(r.backendRefs) || r.backendRefs.all(b, !has(b.namespace) && (!has(b.kind) || b.kind == 'Service')
      && b.name == {{ .name | squote }} && (!has(b.filters) || size(b.filters) == 0)))))
{{- else if eq .by "ingress" -}}
(request.resource.resource == 'ingresses' && {{ $own }}
  && has(object.spec.ingressClassName) && object.spec.ingressClassName == {{ .ingressClass | squote }}
  && !has(object.spec.defaultBackend)
  && has(object.spec.tls) && object.spec.tls.exists(t, has(t.secretName) && t.secretName == {{ .secret | squote }}
    && has(t.hosts) && {{ .host | squote }} in t.hosts)
  && has(object.spec.rules) && size(object.spec.rules) > 0
  && object.spec.rules.all(r, has(r.host) && r.host == {{ .host | squote }} && has(r.http)
    && r.http.paths.all(p, has(p.pathType) && p.pathType == 'Exact' && has(p.path) && p.path in {{ .paths | toJson }}
      && has(p.backend.service) && p.backend.service.name == {{ .name | squote }}))
  && (!has(object.metadata.annotations) || object.metadata.annotations.all(a,
    a in {{ .annotations | toJson }} || a in ['meta.helm.sh/release-name', 'meta.helm.sh/release-namespace',
      'kubectl.kubernetes.io/last-applied-configuration'])))
{{- else -}}
false
{{- end }}
{{- end }}
