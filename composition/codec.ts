import { createDecodeApp } from '../codec/decode-app.ts'
import { loadCodecConfig } from '../config/config.ts'
import { createLogger } from '../telemetry/logging.ts'
import { loggedTlsFiles } from '../tls/logged-tls-files.ts'
import { payloadCodec } from './client-converter.ts'
import { knowDecoders } from './decoders.ts'
import { run, stopRequested } from './lifecycle.ts'

/** `npm run codec`: decodes payloads for the web UI and the Temporal CLI, for those who have a token. */
run(async () => {
  const config = loadCodecConfig(process.env)
  const log = createLogger({ name: 'codec', level: config.logLevel, format: config.logFormat })
  const stop = stopRequested()
  const { namespace } = config.temporal
  const app = createDecodeApp({
    codec: payloadCodec({ ...config, payloadEncryption: 'decode' }, (message) => log.warn(message)),
    namespace,
    origin: config.temporalUiUrl && new URL(config.temporalUiUrl).origin,
    whoHas: knowDecoders(config, (message) => log.warn(message)),
    onDecoded: (decoded) => log.info(decoded, 'decoded payloads'),
    onRefused: (reason) => log.warn({ reason }, 'refused to decode'),
    tls: loggedTlsFiles(config.codecTls, 'CODEC_TLS', log),
  })
  const { host, port } = config.codecAddr
  const url = await app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`can't listen on CODEC_ADDR ${host}:${port} (${error.code}): free it, or set another`)
  })
  log.info({ url, namespace }, 'decoding payloads')
  log.info({ why: await stop }, 'draining')
  await app.close()
  log.info('stopped')
})
