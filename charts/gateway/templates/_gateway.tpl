{{- define "gateway.selectorLabels" -}}
app.kubernetes.io/name: gateway
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "gateway.podLabels" -}}
{{ include "gateway.selectorLabels" . }}
app.kubernetes.io/component: gateway
app.kubernetes.io/part-of: {{ .Values.stack | toJson }}
freehold/stack: {{ .Values.stack | toJson }}
freehold/environment: {{ .Values.environment | toJson }}
{{- end }}

{{- define "gateway.labels" -}}
{{ include "gateway.podLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* What the schema cannot express, refused before anything is rendered. */}}
{{- define "gateway.check" -}}
{{- if and (not .Values.allowUnlocked) (not (regexMatch "@sha256:[0-9a-f]{64}$" .Values.image)) }}
{{- fail (printf "image is %q: it must end in @sha256: and 64 hexadecimal digits, so that every pod runs the same bytes. Set allowUnlocked to true to run a tag all the same." .Values.image) }}
{{- end }}
{{- range $key, $port := dict "listen" .Values.ports.api "admin" .Values.ports.admin }}
{{- $named := dig $key "port" 0 $.Values.settings }}
{{- if ne (int $named) (int $port) }}
{{- fail (printf "settings.%s.port is %d and the chart's port is %d: Service and probes would point at nothing." $key (int $named) (int $port)) }}
{{- end }}
{{- end }}
{{- if le (int .Values.drain.terminationGracePeriodSeconds) (int .Values.drain.preStopSeconds) }}
{{- fail (printf "drain.terminationGracePeriodSeconds is %d and drain.preStopSeconds is %d: nothing would be left for answers to finish." (int .Values.drain.terminationGracePeriodSeconds) (int .Values.drain.preStopSeconds)) }}
{{- end }}
{{- if and .Values.controller.namespace (not .Values.controller.labels) }}
{{- fail "controller has a namespace and no labels: the network policy would let in every pod of it." }}
{{- end }}
{{- with .Values.secure }}
{{- if and .port (or (not .secret) (not .networks)) }}
{{- fail "secure needs secret and networks: without them there is no certificate, or the network policy lets in everybody." }}
{{- end }}
{{- $named := dig "secure" "port" 0 $.Values.settings }}
{{- if ne (int $named) (int .port) }}
{{- fail (printf "settings.secure.port is %d and secure.port is %d: the load balancer would lead to nothing." (int $named) (int .port)) }}
{{- end }}
{{- end }}
{{- if and .Values.podMonitor.enabled (not .Values.metricsNamespaces) }}
{{- fail "podMonitor.enabled is true and metricsNamespaces is empty: the network policy would refuse every scrape. Name the namespace Prometheus runs in." }}
{{- end }}
{{- end }}
