import { type ChannelCredentials, experimental } from '@grpc/grpc-js'
import { CertificateProvider } from './certificate-provider.ts'
import type { TlsFiles } from './tls-files.ts'

/** Makes the credentials of a gRPC channel: each connection goes by what the files hold when it begins. Without authorities among them the system's count. */
export function channelCredentials(files: TlsFiles): ChannelCredentials {
  const provider = new CertificateProvider(files)
  return experimental.createCertificateProviderChannelCredentials(provider, files.current.cert ? provider : null)
}
