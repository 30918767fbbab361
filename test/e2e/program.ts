/** A program that a test runs: its output is read line by line, and it is gone when the test is. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Program {
  /** All lines so far, of both outputs. */
  readonly lines: readonly string[]
  /** The first line that matches, past or future. Rejects when the program ends first. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  /** A line for its standard input. */
  say(text: string): void
  /** End it by this signal and wait until it is gone. Default SIGTERM. */
  end(signal?: NodeJS.Signals): Promise<void>
}

export function run(
  command: string,
  args: readonly string[],
  environment: { readonly [name: string]: string | undefined } = {},
  directory = process.cwd(),
): Program {
  const env = { ...process.env, ...environment }
  const child = spawn(command, args, { env, cwd: directory, stdio: 'pipe' })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const wake = () => waiting.forEach((check) => check())
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (text) => {
      lines.push(text)
      wake()
    })
  }
  child.on('error', (error) => lines.push(String(error)))
  child.on('close', wake)
  return {
    lines,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.map((text) => pattern.exec(text)).find((match) => match !== null)
          if (found === undefined && !hasEnded(child)) return
          waiting.delete(check)
          if (found !== undefined) resolve(found)
          else reject(new Error(`${command} ended before it said ${pattern}:\n${lines.join('\n')}`))
        }
        waiting.add(check)
        check()
      }),
    say: (text) => void child.stdin.write(`${text}\n`),
    end: async (signal = 'SIGTERM') => {
      if (hasEnded(child)) return
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    },
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
