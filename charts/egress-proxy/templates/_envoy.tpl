{{- /*
  Envoy's configuration. Each workload has a listener of its own, whose routes are its hosts and nothing else. A tunnel is
  passed on to an inner listener, which reads the name in the TLS greeting, without opening anything, and closes unless it
  is the host that was asked for: behind one address of a content network stand many. Hosts are resolved from this file
  alone, so no request decides what is looked up. There is no port for administration.
*/}}
{{- define "egress-proxy.envoy" -}}
{{- $hosts := dict }}
{{- range .Values.workloads }}
{{- range .hosts }}
{{- $_ := set $hosts (printf "%s:%d" .host (int .port)) . }}
{{- end }}
{{- end }}
bootstrap_extensions:
  - name: internal-listeners
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener
overload_manager:
  resource_monitors:
    - name: envoy.resource_monitors.global_downstream_max_connections
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig
        max_active_downstream_connections: {{ int .Values.maxConnections }}
static_resources:
  listeners:
    {{- range .Values.workloads }}
    - name: {{ .name | toJson }}
      address: { socket_address: { address: {{ $.Values.listenAddress | toJson }}, port_value: {{ int .port }} } }
      per_connection_buffer_limit_bytes: 65536
      filter_chains:
        - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: {{ .name | toJson }}
                codec_type: HTTP1
                max_request_headers_kb: 8
                request_headers_timeout: 10s
                stream_idle_timeout: 300s
                generate_request_id: false
                common_http_protocol_options: { headers_with_underscores_action: REJECT_REQUEST }
                upgrade_configs:
                  - upgrade_type: CONNECT
                # Names and refusals. No paths, headers or bodies: they are inside the tunnel.
                access_log:
                  - name: stdout
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
                      log_format:
                        json_format:
                          time: "%START_TIME%"
                          workload: {{ .name | toJson }}
                          method: "%REQ(:METHOD):16%"
                          host: "%REQ(:AUTHORITY):300%"
                          status: "%RESPONSE_CODE%"
                          reason: "%RESPONSE_CODE_DETAILS%"
                          sentBytes: "%BYTES_RECEIVED%"
                          receivedBytes: "%BYTES_SENT%"
                          milliseconds: "%DURATION%"
                http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                      suppress_envoy_headers: true
                route_config:
                  name: {{ .name | toJson }}
                  virtual_hosts:
                    {{- range .hosts }}
                    {{- $target := printf "%s:%d" .host (int .port) }}
                    - name: {{ $target | toJson }}
                      domains: [{{ $target | toJson }}]
                      routes:
                        - match: { connect_matcher: {} }
                          route:
                            cluster: {{ printf "to %s" $target | toJson }}
                            timeout: 0s
                            upgrade_configs:
                              - upgrade_type: CONNECT
                                connect_config: {}
                        - match: { prefix: "/" }
                          direct_response: { status: 403 }
                    {{- end }}
                    - name: refused
                      domains: ["*"]
                      routes:
                        - match: { connect_matcher: {} }
                          direct_response: { status: 403 }
                        - match: { prefix: "/" }
                          direct_response: { status: 403 }
    {{- end }}
    {{- range $target, $host := $hosts }}
    - name: {{ printf "to %s" $target | toJson }}
      internal_listener: {}
      listener_filters:
        - name: tls
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
      listener_filters_timeout: 15s
      # A tunnel that is not passed on after all: the name in its greeting is another one, or there is none.
      access_log:
        - name: stdout
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
            log_format:
              json_format:
                time: "%START_TIME%"
                host: {{ $target | toJson }}
                greeting: "%REQUESTED_SERVER_NAME%"
                refused: "%RESPONSE_FLAGS%"
      filter_chains:
        - filter_chain_match: { transport_protocol: tls, server_names: [{{ $host.host | toJson }}] }
          filters:
            - name: tcp
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                stat_prefix: out
                cluster: {{ $target | toJson }}
                idle_timeout: 300s
    {{- end }}
    - name: ready
      address: { socket_address: { address: {{ .Values.listenAddress | toJson }}, port_value: {{ int .Values.readyPort }} } }
      filter_chains:
        - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: ready
                codec_type: HTTP1
                route_config: { virtual_hosts: [] }
                http_filters:
                  - name: ready
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.health_check.v3.HealthCheck
                      pass_through_mode: false
                      headers:
                        - name: ":path"
                          string_match: { exact: /ready }
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
    {{- range $target, $host := $hosts }}
    - name: {{ printf "to %s" $target | toJson }}
      load_assignment:
        cluster_name: {{ printf "to %s" $target | toJson }}
        endpoints:
          - lb_endpoints:
              - endpoint:
                  address: { envoy_internal_address: { server_listener_name: {{ printf "to %s" $target | toJson }} } }
      transport_socket:
        name: internal
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport
          transport_socket:
            name: raw
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer
    - name: {{ $target | toJson }}
      type: LOGICAL_DNS
      dns_lookup_family: V4_PREFERRED
      connect_timeout: 10s
      load_assignment:
        cluster_name: {{ $target | toJson }}
        endpoints:
          - lb_endpoints:
              - endpoint:
                  address: { socket_address: { address: {{ $host.host | toJson }}, port_value: {{ int $host.port }} } }
    {{- end }}
{{- end }}
