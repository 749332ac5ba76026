/**
 * Path of a certificate or key below test/support/tls, made by openssl for the tests and good for 100 years; the keys of their authorities are gone.
 * Of `ca`: `first` and `second` for localhost, 127.0.0.1 and goods.test, `elsewhere` for elsewhere.test, `gateway` for gateway.test and
 * spiffe://shop.test/gateway, `named` with the common name named.test alone. Of `other-ca`: `stranger`, for gateway.test.
 */
export function certificate(file: `${string}.${'pem' | 'key'}`): string {
  return new URL(`tls/${file}`, import.meta.url).pathname
}
