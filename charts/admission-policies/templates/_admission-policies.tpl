{{- define "admission-policies.labels" -}}
app.kubernetes.io/name: admission-policies
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: {{ .Values.stack | toJson }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
freehold/stack: {{ .Values.stack | toJson }}
freehold/environment: {{ .Values.environment | toJson }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* A policy holds for the namespaces of its stack and environment, and for no others. */}}
{{- define "admission-policies.binding" -}}
{{- $name := printf "%s-%s-%s" .root.Values.stack .root.Values.environment .policy }}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ $name }}
  labels:
    {{- include "admission-policies.labels" .root | nindent 4 }}
spec:
  policyName: {{ $name }}
  validationActions: ["Deny"]
  matchResources:
    namespaceSelector:
      matchLabels:
        freehold/stack: {{ .root.Values.stack | toJson }}
        freehold/environment: {{ .root.Values.environment | toJson }}
{{- end }}

{{- define "admission-policies.head" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ .root.Values.stack }}-{{ .root.Values.environment }}-{{ .policy }}
  labels:
    {{- include "admission-policies.labels" .root | nindent 4 }}
{{- end }}
