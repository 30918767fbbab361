/**
 * An empty project with the library installed as npm packs it, and with what the library says that it needs.
 * Nothing is downloaded: packages are links to the repository's.
 */
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../../scripts/paths.ts'

export interface Project {
  readonly folder: string
  /** The package as npm would publish it. */
  readonly tarball: string
  write(file: string, text: string): void
  /** Compiles what is there to JavaScript beside it. Throws with the compiler's complaints. */
  compile(): void
  remove(): void
}

/** What the README's own app uses besides. */
const others = ['react-dom', '@types/node', '@types/react', '@types/react-dom']

const compilerOptions = {
  module: 'nodenext',
  target: 'es2024',
  lib: ['es2024', 'dom', 'dom.iterable', 'esnext.disposable'],
  jsx: 'react-jsx',
  types: ['node'],
  strict: true,
  // So the package's own declarations are checked, too.
  skipLibCheck: false,
}

export function makeProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-package-'))
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  // The repository's .npmrc turns scripts off; the one that builds must run.
  run('npm', ['pack', '--ignore-scripts=false', '--pack-destination', folder], root)
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz'))!,
  )
  const installed = join(folder, 'node_modules/headwater')
  mkdirSync(installed, { recursive: true })
  run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed], folder)
  const { dependencies, peerDependencies } = readManifest(installed)
  for (const name of Object.keys({ ...dependencies, ...peerDependencies }).concat(others)) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link, 'junction')
  }
  write('package.json', '{ "name": "an-app", "private": true, "type": "module" }')
  write('tsconfig.json', JSON.stringify({ compilerOptions }))
  return {
    folder,
    tarball,
    write,
    compile: () =>
      run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], folder),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** The code blocks of the README by the file name in their first line. Throws for TypeScript without one. */
export function readmeFiles(): ReadonlyMap<string, string> {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const blocks = Array.from(readme.matchAll(/^```tsx?\n([^]*?)^```/gm), (match) => match[1]!)
  return new Map(
    blocks.map((code) => {
      const name = /^\/\/ (\S+\.tsx?)\n/.exec(code)?.[1]
      if (name === undefined) throw new Error(`A code block of the README names no file:\n${code}`)
      return [name, code]
    }),
  )
}

interface Manifest {
  readonly exports: { readonly [path: string]: unknown }
  readonly dependencies: { readonly [name: string]: string }
  readonly peerDependencies: { readonly [name: string]: string }
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** What it printed. Throws with that when it fails. */
export function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`${command} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}`, { cause: error })
  }
}
