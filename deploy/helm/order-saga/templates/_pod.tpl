{{/* What every pod has: no rights, no token of Kubernetes, no variables of Services. */}}
{{- define "order-saga.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/* The container's part that all programs share: image, program, rights. */}}
{{- define "order-saga.container" -}}
image: {{ .image | default (include "order-saga.image" .root) }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
args: [{{ .program }}]
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  {{- include "order-saga.mounts" .root | nindent 2 }}
{{- end }}

{{/* Seconds that a pod has from the end of its place to SIGKILL: its wait before SIGTERM, its drain (contracts/time-budget.ts), and five for the end of the process. */}}
{{- define "order-saga.grace" -}}
{{- add .preStopSeconds (.root.Files.Get "files/settings.json" | fromJson).drainSeconds 5 }}
{{- end }}

{{/* Where the pods of a part are put. */}}
{{- define "order-saga.placement" -}}
topologySpreadConstraints:
{{- range $key, $when := dict "topology.kubernetes.io/zone" .root.Values.spread.zones "kubernetes.io/hostname" .root.Values.spread.nodes }}
  - topologyKey: {{ $key }}
    maxSkew: 1
    whenUnsatisfiable: {{ $when }}
    labelSelector:
      matchLabels:
        {{- include "order-saga.selector" (dict "root" $.root "part" $.part) | nindent 8 }}
    # Those of the build before do not count: they leave.
    matchLabelKeys: [pod-template-hash]
{{- end }}
{{- with .of.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/*
A probe: over HTTP, over HTTPS if what it asks has a certificate (which kubelet does not verify), by a mere connection if it would need one of its own.
The name localhost is one of every starter, whatever HTTP_HOSTS says.
*/}}
{{- define "order-saga.probe" -}}
{{- if .clientCa -}}
tcpSocket: { port: {{ .port }} }
{{- else -}}
httpGet:
  port: {{ .port }}
  path: {{ .path }}
  scheme: {{ if .tls }}HTTPS{{ else }}HTTP{{ end }}
  httpHeaders: [{ name: Host, value: localhost }]
{{- end }}
timeoutSeconds: 5
{{- end }}
