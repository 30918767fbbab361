/** The app's package.json: the repository's own is the library's, and names another entry. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { root } from './paths.ts'

/** Writes it into `folder`, which Electron then starts. */
export async function writeAppManifest(folder: string, main: string): Promise<void> {
  const { name, version, description, license } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as { readonly [field: string]: unknown }
  const manifest = { name, version, description, license, main: relative(folder, main) }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}
