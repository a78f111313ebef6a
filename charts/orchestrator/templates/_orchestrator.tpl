{{- define "orchestrator.selectorLabels" -}}
app.kubernetes.io/name: orchestrator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "orchestrator.podLabels" -}}
{{ include "orchestrator.selectorLabels" . }}
app.kubernetes.io/component: orchestrator
app.kubernetes.io/part-of: {{ .Values.stack | toJson }}
freehold/stack: {{ .Values.stack | toJson }}
freehold/environment: {{ .Values.environment | toJson }}
{{- end }}

{{- define "orchestrator.labels" -}}
{{ include "orchestrator.podLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* What the schema cannot express, refused before anything is rendered. */}}
{{- define "orchestrator.check" -}}
{{- if and (not .Values.allowUnlocked) (not (regexMatch "@sha256:[0-9a-f]{64}$" .Values.image)) }}
{{- fail (printf "image is %q: it must end in @sha256: and 64 hexadecimal digits, so that every pod runs the same bytes. Set allowUnlocked to true to run a tag all the same." .Values.image) }}
{{- end }}
{{- range $key, $port := dict "listen" .Values.ports.api "admin" .Values.ports.admin }}
{{- $named := dig $key "port" 0 $.Values.settings }}
{{- if ne (int $named) (int $port) }}
{{- fail (printf "settings.%s.port is %d and the chart's port is %d: Service and probes would point at nothing." $key (int $named) (int $port)) }}
{{- end }}
{{- end }}
{{- if ne (dig "storage" "kind" "" .Values.settings) "postgres" }}
{{- fail "settings.storage.kind is not postgres: replicas share their runs through one PostgreSQL database, and an embedded one ends with its pod." }}
{{- end }}
{{- $tables := int (dig "storage" "tablesWithinSeconds" 150 .Values.settings) }}
{{- if le (int .Values.startSeconds) $tables }}
{{- fail (printf "startSeconds is %d and settings.storage.tablesWithinSeconds is %d: replicas would be killed before they say what their tables lack." (int .Values.startSeconds) $tables) }}
{{- end }}
{{- $drain := int (dig "runs" "drainSeconds" 60 .Values.settings) }}
{{- if le (int .Values.drain.terminationGracePeriodSeconds) (add (int .Values.drain.preStopSeconds) $drain) }}
{{- fail (printf "drain.terminationGracePeriodSeconds is %d, drain.preStopSeconds is %d and settings.runs.drainSeconds is %d: replicas would be killed while they hand over their runs." (int .Values.drain.terminationGracePeriodSeconds) (int .Values.drain.preStopSeconds) $drain) }}
{{- end }}
{{- if and .Values.controller.namespace (not .Values.controller.labels) }}
{{- fail "controller has a namespace and no labels: the network policy would let in every pod of it." }}
{{- end }}
{{- if and .Values.podMonitor.enabled (not .Values.metricsNamespaces) }}
{{- fail "podMonitor.enabled is true and metricsNamespaces is empty: the network policy would refuse every scrape. Name the namespace Prometheus runs in." }}
{{- end }}
{{- end }}
