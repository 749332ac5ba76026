import { run } from '../../../composition/lifecycle.ts'
import { listenUntilStopped } from '../listen-until-stopped.ts'
import { originalServices } from './original-services.ts'

/** The services that the original calls, in one process. Listens on `STUB_ADDR`. */
run(() => listenUntilStopped(originalServices()))
