/**
 * Where Electron's binary is. The package downloads it when it is first required, which hangs or fails on
 * machines that reach only a package registry: so it is never required, only looked for.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.ts'

const folder = join(root, 'node_modules/electron')
const PROBE_MS = 3000

/** The path of the binary that is on disk; null when there is none. */
export function findElectron(): string | null {
  const pathFile = join(folder, 'path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : usualName()
  const path = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist'), name)
  return existsSync(path) ? path : null
}

/** Where it lies in an unpacked distribution that the package did not unpack itself. */
function usualName(): string {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}

/** Downloads the binary where that is possible: one question of at most 3 s decides. Null when it is not. */
export async function fetchElectron(): Promise<string | null> {
  if (!(await canDownload())) return null
  console.log('Fetching Electron…')
  spawnSync(process.execPath, [join(folder, 'install.js')], { stdio: ['ignore', 'ignore', 'inherit'] })
  return findElectron()
}

async function canDownload(): Promise<boolean> {
  if (!existsSync(folder)) return false
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  const mirror = process.env['ELECTRON_MIRROR'] ?? 'https://github.com/electron/electron/releases/download/'
  const url = `${mirror}v${version}/electron-v${version}-${process.platform}-${process.arch}.zip`
  try {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_MS) })
    return answer.ok
  } catch {
    return false
  }
}
