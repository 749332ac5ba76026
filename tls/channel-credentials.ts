import { type ChannelCredentials, experimental } from '@grpc/grpc-js'
import { CertificateProvider } from './certificate-provider.ts'
import type { TlsFiles } from './tls-files.ts'

/** Credentials of a gRPC channel, whose connections go by what the files hold when they begin; without authorities by the system's. */
export function channelCredentials(files: TlsFiles): ChannelCredentials {
  const provider = new CertificateProvider(files)
  return experimental.createCertificateProviderChannelCredentials(provider, files.current.cert ? provider : null)
}
