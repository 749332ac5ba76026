import assert from 'node:assert/strict'
import { loadStarterConfig } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { Environment } from '../../config/setting.ts'

const ok = { DATABASE_URL: 'postgres://localhost/orders' }
const REGISTER = 'consul://agent:8500/order_srv'

describe('the settings of the registration', () => {
  it('say where OrderService is registered, and at which address if it is another', () => {
    const { registration, ...others } = loadStarterConfig({ ...ok, CONSUL_REGISTER: REGISTER })
    assert.deepEqual(registration, { agent: 'http://agent:8500', service: 'order_srv' })
    assert.equal('consulRegister' in others, false)
    const env = {
      ...ok,
      CONSUL_REGISTER: REGISTER,
      GRPC_ADDR: '0.0.0.0:50053',
      AUTH: 'gateway',
      GRPC_ADVERTISE: '10.0.0.7:50053',
    }
    assert.deepEqual(loadStarterConfig(env).registration, {
      agent: 'http://agent:8500',
      service: 'order_srv',
      advertised: { host: '10.0.0.7', port: 50_053 },
    })
  })

  it('register nothing unless they are set', () => {
    assert.equal('registration' in loadStarterConfig(ok), false)
  })

  it('are reported when they are wrong, alone or together, without what may be a password', () => {
    const shape = /CONSUL_REGISTER must be consul:\/\/agent:8500\/service/
    const wrong: [Environment, RegExp][] = [
      [{ CONSUL_REGISTER: 'agent:8500' }, shape],
      [{ CONSUL_REGISTER: 'consul://agent:8500' }, shape],
      [{ CONSUL_REGISTER: `${REGISTER}?tag=v2` }, shape],
      [{ CONSUL_REGISTER: 'consul://me:hush@agent:8500/order_srv' }, shape],
      [{ CONSUL_REGISTER: REGISTER, GRPC_ADVERTISE: '10.0.0.7' }, /GRPC_ADVERTISE must be host:port/],
      [{ CONSUL_REGISTER: REGISTER, GRPC_ADVERTISE: '10.0.0.7:0' }, /GRPC_ADVERTISE must be host:port/],
      [{ CONSUL_REGISTER: REGISTER, GRPC_ADDR: '0.0.0.0:50053' }, /GRPC_ADVERTISE is missing: nobody can call 0\.0\.0\.0:50053/],
      [{ CONSUL_REGISTER: REGISTER, GRPC_ADDR: '[::]:50053' }, /GRPC_ADVERTISE is missing/],
      [{ CONSUL_REGISTER: REGISTER, GRPC_ADDR: 'off' }, /CONSUL_REGISTER has no effect with GRPC_ADDR=off/],
      [{ GRPC_ADVERTISE: '10.0.0.7:50053' }, /GRPC_ADVERTISE has no effect without CONSUL_REGISTER/],
      [{ CONSUL_REGISTRE: REGISTER }, /CONSUL_REGISTRE is not known: did you mean CONSUL_REGISTER\?/],
    ]
    for (const [env, problem] of wrong) {
      assert.throws(
        () => loadStarterConfig({ ...ok, ...env }),
        (error: unknown) => error instanceof ConfigError && problem.test(error.message) && !error.message.includes('hush'),
        String(problem),
      )
    }
  })
})
