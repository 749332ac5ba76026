import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Settings of a container, and how it is run. */
export interface ContainerOptions {
  name: string
  args: string[]
  env: Readonly<Record<string, string>>
  /** Folder of secrets, which the container finds in /run/secrets. */
  secrets: string
}

/** A container of the image that runs in the background. */
export interface Container {
  name: string
  /** Runs a command in it. @throws Error with its output if it ends with another status than 0 */
  exec(...command: string[]): Promise<string>
  logs(): Promise<string>
  /** Asks it to stop by SIGTERM, and waits until it has. @returns its status */
  stop(): Promise<number>
  remove(): Promise<void>
}

/** Containers are ended by SIGKILL if they take longer to stop than any drain. Seconds. */
const STOP_WITHIN = '120'

/** The containers of one image, run by podman or docker on this machine's own network, with a root that nothing may write to. */
export function containersOf(image: string, tool = process.env.CONTAINER_TOOL ?? 'podman') {
  const run = async (...args: string[]) => {
    const { stdout, stderr } = await promisify(execFile)(tool, args, { maxBuffer: 10_000_000 })
    return { stdout: stdout.trim(), stderr: stderr.trim() }
  }
  const hardened = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--network', 'host']
  const optionsOf = ({ name, env, secrets }: ContainerOptions) => [
    ...['--name', name, ...hardened, '--volume', `${secrets}:/run/secrets:ro`],
    ...Object.entries(env).flatMap(([setting, value]) => ['--env', `${setting}=${value}`]),
  ]
  return {
    /** Prints what the image says of itself. */
    inspect: async (format: string) => (await run('image', 'inspect', '--format', format, image)).stdout,
    /** Runs JavaScript in the image, by nothing but its Node. @returns what it prints */
    evaluate: async (script: string) =>
      (await run('run', '--rm', ...hardened, '--entrypoint', 'node', image, '--eval', script)).stdout,
    /** Runs a program to its end. @returns what it printed */
    runToEnd: async (options: ContainerOptions) =>
      (await run('run', '--rm', ...optionsOf(options), image, ...options.args)).stdout,
    async start(options: ContainerOptions): Promise<Container> {
      // As under compose: the reference inventory ends if its database is slow to answer.
      await run('run', '--detach', '--restart', 'on-failure', ...optionsOf(options), image, ...options.args)
      const { name } = options
      return {
        name,
        exec: async (...command) => (await run('exec', name, ...command)).stdout,
        async logs() {
          const { stdout, stderr } = await run('logs', name)
          return `${stdout}\n${stderr}`
        },
        async stop() {
          await run('stop', '--time', STOP_WITHIN, name)
          return Number((await run('inspect', '--format', '{{.State.ExitCode}}', name)).stdout)
        },
        async remove() {
          await run('rm', '--force', name)
        },
      }
    },
  }
}
