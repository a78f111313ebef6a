{{- define "model-server.selectorLabels" -}}
app.kubernetes.io/name: model-server
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Labels of the pods as well: nothing in here may change without the pods changing too. */}}
{{- define "model-server.podLabels" -}}
{{ include "model-server.selectorLabels" . }}
app.kubernetes.io/component: engine
app.kubernetes.io/part-of: {{ .Values.stack | toJson }}
freehold/stack: {{ .Values.stack | toJson }}
freehold/environment: {{ .Values.environment | toJson }}
freehold/model: {{ .Values.model | toJson }}
freehold/version: {{ .Values.version | toJson }}
freehold/revision: {{ include "model-server.revisionLabel" . | toJson }}
{{- end }}

{{- define "model-server.labels" -}}
{{ include "model-server.podLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* First twelve digits of the commit. A branch, which only an unlocked release has, may hold what a label may not. */}}
{{- define "model-server.revisionLabel" -}}
{{- if regexMatch "^[0-9a-f]{40}$" .Values.weights.revision -}}
{{ trunc 12 .Values.weights.revision }}
{{- else -}}
{{ regexReplaceAll "[^A-Za-z0-9]+" .Values.weights.revision "-" | trunc 63 | trimAll "-" }}
{{- end -}}
{{- end }}

{{- /* The kubelet reads `$(NAME)` and `$$` in arguments and variables; doubled, a dollar sign stays one. */}}
{{- define "model-server.literal" -}}
{{ replace "$" "$$" . | toJson }}
{{- end }}

{{- /* Variables that say where files lie. They belong to the volumes, so values may not change them. */}}
{{- define "model-server.paths" -}}
CUDA_CACHE_PATH: /home/vllm/.cache/nv
FLASHINFER_WORKSPACE_BASE: /home/vllm
HF_HUB_CACHE: /weights
HOME: /home/vllm
LOGNAME: vllm
NUMBA_CACHE_DIR: /home/vllm/.cache/numba
TORCHINDUCTOR_CACHE_DIR: /home/vllm/.cache/torchinductor
TRITON_CACHE_DIR: /home/vllm/.cache/triton
USER: vllm
VLLM_CACHE_ROOT: /home/vllm/.cache/vllm
XDG_CACHE_HOME: /home/vllm/.cache
XDG_CONFIG_HOME: /home/vllm/.config
{{- end }}

{{- /* What the schema cannot express, refused before anything is rendered. */}}
{{- define "model-server.check" -}}
{{- if eq .Release.Name "vllm" }}
{{- fail "A release named vllm would make a Service named vllm, whose variables in other pods of the namespace (VLLM_PORT and more) break engines there. Name the release after the model and its version." }}
{{- end }}
{{- if not (regexMatch "^[a-z]([a-z0-9-]*[a-z0-9])?$" .Release.Name) }}
{{- fail (printf "The release name %q becomes the name of a Service: it must start with a letter and hold only lower-case letters, digits and hyphens." .Release.Name) }}
{{- end }}
{{- if not .Values.allowUnlocked }}
{{- if not (regexMatch "@sha256:[0-9a-f]{64}$" .Values.image) }}
{{- fail (printf "image is %q: it must end in @sha256: and 64 hexadecimal digits, so that every pod runs the same bytes. Set allowUnlocked to true to run a tag all the same." .Values.image) }}
{{- end }}
{{- if not (regexMatch "^[0-9a-f]{40}$" .Values.weights.revision) }}
{{- fail (printf "weights.revision is %q: it must be a full commit of 40 hexadecimal digits. Set allowUnlocked to true to serve a branch all the same." .Values.weights.revision) }}
{{- end }}
{{- end }}
{{- if not (has .Values.weights.revision .Values.args) }}
{{- fail (printf "args do not name weights.revision, %q: the engine would look for another revision than the labels say." .Values.weights.revision) }}
{{- end }}
{{- if hasPrefix "-" (first .Values.args) }}
{{- fail (printf "args start with %q: the first one must be the repository that is served." (first .Values.args)) }}
{{- end }}
{{- range $name, $path := include "model-server.paths" . | fromYaml }}
{{- if hasKey $.Values.env $name }}
{{- if ne (get $.Values.env $name) $path }}
{{- fail (printf "env.%s is %q: the chart sets it to %q, where a volume is mounted. Remove it from env." $name (get $.Values.env $name) $path) }}
{{- end }}
{{- end }}
{{- end }}
{{- if le (int .Values.drain.terminationGracePeriodSeconds) (int .Values.drain.preStopSeconds) }}
{{- fail (printf "drain.terminationGracePeriodSeconds is %d and drain.preStopSeconds is %d: nothing would be left for requests to finish." (int .Values.drain.terminationGracePeriodSeconds) (int .Values.drain.preStopSeconds)) }}
{{- end }}
{{- if and (eq (toString .Values.rollout.maxSurge) "0") (eq (toString .Values.rollout.maxUnavailable) "0") }}
{{- fail "rollout.maxSurge and rollout.maxUnavailable are both 0: no pod could ever be replaced." }}
{{- end }}
{{- if ne (empty .Values.callers.namespaceLabels) (empty .Values.callers.podLabels) }}
{{- fail "callers names labels of namespaces or of pods, but not of both: more would be let in than was meant." }}
{{- end }}
{{- if and .Values.serviceMonitor.enabled (not .Values.metricsNamespaces) }}
{{- fail "serviceMonitor.enabled is true and metricsNamespaces is empty: the network policy would refuse every scrape. Name the namespace Prometheus runs in." }}
{{- end }}
{{- end }}
