{{/* A setting's text: a large number is not to be written as 1.8e+06. */}}
{{- define "order-saga.text" -}}
{{- if kindIs "float64" . }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* The value of a setting, lower case, or what it is by default. */}}
{{- define "order-saga.setting" -}}
{{- $value := index .root.Values.settings .name }}
{{- if kindIs "invalid" $value }}{{ .default }}{{ else }}{{ include "order-saga.text" $value }}{{ end }}
{{- end }}

{{/* Not empty if one of the programs reads the setting. */}}
{{- define "order-saga.reads" -}}
{{- $readers := index (.root.Files.Get "files/settings.json" | fromJson).readers .name | default list }}
{{- range .programs }}{{ if has . $readers }}yes{{ end }}{{ end }}
{{- end }}

{{/* The programs that run in a starter: with the lane a worker as well. */}}
{{- define "order-saga.starterPrograms" -}}
{{- $lane := eq (include "order-saga.setting" (dict "root" . "name" "INTAKE" "default" "lane")) "lane" }}
{{- $worker := eq (include "order-saga.setting" (dict "root" . "name" "STARTER_WORKER" "default" "true")) "true" }}
{{- if and $lane $worker }}starter,worker{{ else }}starter{{ end }}
{{- end }}

{{/* Environment of the programs of one container. */}}
{{- define "order-saga.env" -}}
{{- $of := . }}
{{- range $name, $value := .root.Values.settings }}
{{- if include "order-saga.reads" (dict "root" $of.root "name" $name "programs" $of.programs) }}
- name: {{ $name }}
  value: {{ include "order-saga.text" $value | quote }}
{{- end }}
{{- end }}
{{- range $name, $_ := .secrets }}
{{- if include "order-saga.reads" (dict "root" $of.root "name" $name "programs" $of.programs) }}
- name: {{ $name }}_FILE
  value: /etc/order-saga/settings/{{ $name }}
{{- end }}
{{- end }}
{{- range $name, $_ := .root.Values.files }}
{{- if include "order-saga.reads" (dict "root" $of.root "name" $name "programs" $of.programs) }}
- name: {{ $name }}
  value: /etc/order-saga/settings/{{ $name }}
{{- end }}
{{- end }}
{{- with .root.Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* One key of a Secret or a ConfigMap as a source of a volume. */}}
{{- define "order-saga.source" -}}
- {{ if .from.secret }}secret{{ else }}configMap{{ end }}:
    name: {{ .from.secret | default .from.configMap }}
    items:
      - key: {{ .from.key | quote }}
        path: {{ .path | quote }}
{{- end }}

{{/* The secrets and files that the programs of one container read. */}}
{{- define "order-saga.sources" -}}
{{- $of := . }}
{{- range $name, $from := merge (dict) .secrets .root.Values.files }}
{{- if include "order-saga.reads" (dict "root" $of.root "name" $name "programs" $of.programs) }}
{{ include "order-saga.source" (dict "from" $from "path" $name) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The volumes of one container: what its programs read, and a folder for what is not kept. */}}
{{- define "order-saga.volumes" -}}
{{- $of := . }}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
- name: settings
  projected:
    # Root's, read by the group of the pod (fsGroup): the programs take a secret from no file that others may use.
    defaultMode: 0440
    sources: {{- include "order-saga.sources" . | trim | default "[]" | nindent 6 }}
{{- with .root.Values.extraFiles }}
- name: extra
  projected:
    defaultMode: 0440
    sources:
{{- range $path, $from := . }}
      {{- include "order-saga.source" (dict "from" $from "path" $path) | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}

{{- define "order-saga.mounts" -}}
- name: tmp
  mountPath: /tmp
- name: settings
  mountPath: /etc/order-saga/settings
  readOnly: true
{{- if .Values.extraFiles }}
- name: extra
  mountPath: /etc/order-saga/extra
  readOnly: true
{{- end }}
{{- end }}
