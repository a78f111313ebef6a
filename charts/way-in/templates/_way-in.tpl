{{- define "way-in.labels" -}}
app.kubernetes.io/name: way-in
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: way-in
app.kubernetes.io/part-of: {{ .Values.stack | toJson }}
freehold/stack: {{ .Values.stack | toJson }}
freehold/environment: {{ .Values.environment | toJson }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* A way in that leaves something open is refused before anything is rendered. */}}
{{- define "way-in.check" -}}
{{- with .Values }}
{{- if not .paths }}
{{- fail "paths is empty: every path would lead to the service." }}
{{- end }}
{{- if eq .by "http-route" }}
{{- if or (not .parent.namespace) (not .parent.name) (not .parent.listener) }}
{{- fail "parent needs namespace, name and listener: a route without a listener is attached to all of them, also to those without TLS." }}
{{- end }}
{{- if not .timeoutSeconds }}
{{- fail "timeoutSeconds is missing: answers would be cut off at whatever the Gateway takes for long." }}
{{- end }}
{{- else if eq .by "ingress" }}
{{- if or (not .ingressClass) (not .tls.secret) }}
{{- fail "an ingress needs ingressClass and tls.secret: there is no way in without a certificate." }}
{{- end }}
{{- else if eq .by "load-balancer" }}
{{- if or (not .annotations) (not .sourceRanges) (not .service.app) }}
{{- fail "a load-balancer needs annotations, sourceRanges and service.app: without them it is public, for everybody, or leads to no pods." }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
