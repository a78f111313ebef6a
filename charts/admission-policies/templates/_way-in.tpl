{{- /* The one object that may open a way in from outside the cluster, as an expression. */}}
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
    && has(r.matches) && size(r.matches) > 0 && r.matches.all(m, has(m.path) && has(m.path.type) && m.path.type == {{ eq .pathMatch "exact" | ternary "Exact" "PathPrefix" | squote }}
      && m.path.value in {{ .paths | toJson }})
    && (!has(r.backendRefs) || r.backendRefs.all(b, !has(b.namespace) && (!has(b.kind) || b.kind == 'Service')
      && b.name == {{ .service | squote }} && (!has(b.filters) || size(b.filters) == 0)))))
{{- else if eq .by "ingress" -}}
(request.resource.resource == 'ingresses' && {{ $own }}
  && has(object.spec.ingressClassName) && object.spec.ingressClassName == {{ .ingressClass | squote }}
  && !has(object.spec.defaultBackend)
  && has(object.spec.tls) && object.spec.tls.exists(t, has(t.secretName) && t.secretName == {{ .secret | squote }}
    && has(t.hosts) && {{ .host | squote }} in t.hosts)
  && has(object.spec.rules) && size(object.spec.rules) > 0
  && object.spec.rules.all(r, has(r.host) && r.host == {{ .host | squote }} && has(r.http)
    && r.http.paths.all(p, has(p.pathType) && p.pathType == {{ eq .pathMatch "exact" | ternary "Exact" "Prefix" | squote }} && has(p.path) && p.path in {{ .paths | toJson }}
      && has(p.backend.service) && p.backend.service.name == {{ .service | squote }}))
  && (!has(object.metadata.annotations) || object.metadata.annotations.all(a,
    a in {{ keys .annotations | sortAlpha | toJson }}
      || a.matches('^(argocd[.]argoproj[.]io|kubectl[.]kubernetes[.]io|kustomize[.]toolkit[.]fluxcd[.]io|meta[.]helm[.]sh)/'))))
{{- else if eq .by "load-balancer" -}}
(request.resource.resource == 'services' && {{ $own }}
  && has(object.spec.type) && object.spec.type == 'LoadBalancer'
  && (!has(object.spec.externalIPs) || size(object.spec.externalIPs) == 0)
  && has(object.spec.allocateLoadBalancerNodePorts) && !object.spec.allocateLoadBalancerNodePorts
  && has(object.spec.externalTrafficPolicy) && object.spec.externalTrafficPolicy == 'Local'
  && {{ if .loadBalancerClass }}has(object.spec.loadBalancerClass) && object.spec.loadBalancerClass == {{ .loadBalancerClass | squote }}
     {{- else }}!has(object.spec.loadBalancerClass){{ end }}
  && has(object.spec.loadBalancerSourceRanges) && size(object.spec.loadBalancerSourceRanges) > 0
  && object.spec.loadBalancerSourceRanges.all(r, r in {{ .sourceRanges | toJson }})
  && has(object.spec.selector) && 'app.kubernetes.io/name' in object.spec.selector
  && object.spec.selector['app.kubernetes.io/name'] == {{ .service | squote }} && 'app.kubernetes.io/instance' in object.spec.selector
  && object.spec.selector['app.kubernetes.io/instance'] == {{ .service | squote }}
  && object.spec.ports.all(p, p.port == 443 && has(p.targetPort) && p.targetPort == 'https')
  && has(object.metadata.annotations)
  {{- range $key, $value := .annotations }}
  && {{ $key | squote }} in object.metadata.annotations && object.metadata.annotations[{{ $key | squote }}] == {{ $value | squote }}
  {{- end }}
  && object.metadata.annotations.all(a, a in {{ keys .annotations | sortAlpha | toJson }}
    || !a.matches('^service[.]beta[.]kubernetes[.]io/|load-balancer-type$')))
{{- end }}
{{- end }}

{{- /* Whether a peer `p` of an ingress rule `i` is named as it has to be: callers of a load balancer alone stand in networks. */}}
{{- define "admission-policies.namedPeer" -}}
(!has(p.ipBlock)
{{- range .Values.waysIn }}{{ if eq .by "load-balancer" }}
              || (request.namespace == {{ .namespace | squote }} && i.ports.all(q, has(q.port) && q.port == {{ int .port }} && !has(q.endPort))
              && {{ .networks | toJson }}.exists(n, cidr(n).containsCIDR(p.ipBlock.cidr)))
{{- end }}{{ end }})
{{- end }}
