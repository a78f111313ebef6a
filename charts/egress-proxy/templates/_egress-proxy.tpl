{{- define "egress-proxy.selectorLabels" -}}
app.kubernetes.io/name: egress-proxy
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* The role is what policies select the proxy by: whoever carries it has a way out. */}}
{{- define "egress-proxy.podLabels" -}}
{{ include "egress-proxy.selectorLabels" . }}
app.kubernetes.io/component: egress-proxy
app.kubernetes.io/part-of: {{ .Values.stack | toJson }}
freehold/role: egress-proxy
freehold/stack: {{ .Values.stack | toJson }}
freehold/environment: {{ .Values.environment | toJson }}
{{- end }}

{{- define "egress-proxy.labels" -}}
{{ include "egress-proxy.selectorLabels" . }}
app.kubernetes.io/component: egress-proxy
app.kubernetes.io/part-of: {{ .Values.stack | toJson }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
freehold/stack: {{ .Values.stack | toJson }}
freehold/environment: {{ .Values.environment | toJson }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* What the schema cannot express, refused before anything is rendered. */}}
{{- define "egress-proxy.check" -}}
{{- if and (not .Values.allowUnlocked) (not (regexMatch "@sha256:[0-9a-f]{64}$" .Values.image)) }}
{{- fail (printf "image is %q: it must end in @sha256: and 64 hexadecimal digits, so that every pod runs the same bytes. Set allowUnlocked to true to run a tag all the same." .Values.image) }}
{{- end }}
{{- $ports := list (int .Values.readyPort) }}
{{- range .Values.workloads }}
{{- if has (int .port) $ports }}
{{- fail (printf "The port %d is taken twice: a workload is told by its port, which nobody else may have." (int .port)) }}
{{- end }}
{{- $ports = append $ports (int .port) }}
{{- end }}
{{- end }}
