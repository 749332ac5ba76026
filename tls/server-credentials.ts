import { experimental, type ServerCredentials } from '@grpc/grpc-js'
import { CertificateProvider } from './certificate-provider.ts'
import type { TlsFiles } from './tls-files.ts'

/**
 * Makes the credentials of a gRPC server: each connection goes by what the files hold when it begins. If they name authorities, a caller without a
 * certificate of theirs is refused.
 */
export function serverCredentials(files: TlsFiles): ServerCredentials {
  const provider = new CertificateProvider(files)
  const areCallersAsked = files.current.ca !== undefined
  // The first is the server's own, whatever its name in the declaration.
  return experimental.createCertificateProviderServerCredentials(provider, areCallersAsked ? provider : null, areCallersAsked)
}
