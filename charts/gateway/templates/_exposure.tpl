{{- /* A way in that leaves something open is refused before anything is rendered. */}}
{{- define "gateway.checkExposure" -}}
{{- with .Values.exposure }}
{{- if ne .by "none" }}
{{- if or (not .host) (not .paths) }}
{{- fail "exposure needs host and paths: without them every name and every path would lead to the gateway." }}
{{- end }}
{{- if and (ne .by "load-balancer") (or (not .controller.namespace) (not .controller.labels)) }}
{{- fail "exposure.controller needs namespace and labels: the network policy lets in nobody else." }}
{{- end }}
{{- end }}
{{- if eq .by "http-route" }}
{{- if or (not .parent.namespace) (not .parent.name) (not .parent.listener) }}
{{- fail "exposure.parent needs namespace, name and listener: a route without a listener is attached to all of them, also to those without TLS." }}
{{- end }}
{{- if not .timeoutSeconds }}
{{- fail "exposure.timeoutSeconds is missing: answers would be cut off at whatever the Gateway takes for long." }}
{{- end }}
{{- else if eq .by "ingress" }}
{{- if or (not .ingressClass) (not .tls.secret) }}
{{- fail "exposure needs ingressClass and tls.secret: there is no way in without a certificate." }}
{{- end }}
{{- else if eq .by "load-balancer" }}
{{- if or (not .annotations) (not .sourceRanges) (not .networks) (not .tls.secret) }}
{{- fail "exposure needs annotations, sourceRanges, networks and tls.secret: without them a load balancer is public, for everybody, or without a certificate." }}
{{- end }}
{{- $named := dig "secure" "port" 0 $.Values.settings }}
{{- if ne (int $named) (int .securePort) }}
{{- fail (printf "settings.secure.port is %d and exposure.securePort is %d: the load balancer would lead to nothing." (int $named) (int .securePort)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
