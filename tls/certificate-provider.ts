import type { experimental } from '@grpc/grpc-js'
import type { Certificates, TlsFiles } from './tls-files.ts'

/** The files of TLS as grpc-js follows certificates: it asks at the beginning of each connection, and leaves those that are under way alone. */
export class CertificateProvider implements experimental.CertificateProvider {
  readonly #files: TlsFiles
  readonly #unfollow = new Map<object, () => void>()

  constructor(files: TlsFiles) {
    this.#files = files
  }

  addCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    // Without one, TLS goes by the system's; null would be a file that can't be read.
    this.#add(listener, ({ ca }) => listener({ caCertificate: ca as Buffer }))
  }

  removeCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    this.#remove(listener)
  }

  addIdentityCertificateListener(listener: experimental.IdentityCertificateUpdateListener): void {
    this.#add(listener, ({ cert, key }) => listener(cert && key ? { certificate: cert, privateKey: key } : null))
  }

  removeIdentityCertificateListener(listener: experimental.IdentityCertificateUpdateListener): void {
    this.#remove(listener)
  }

  #add(listener: object, follower: (now: Certificates) => void): void {
    this.#unfollow.set(listener, this.#files.follow(follower))
    // Not at once: grpc-js adds the server that is to hear of it behind this call.
    process.nextTick(() => this.#unfollow.has(listener) && follower(this.#files.current))
  }

  #remove(listener: object): void {
    this.#unfollow.get(listener)?.()
    this.#unfollow.delete(listener)
  }
}
