/** The package as others get it: packed, installed into an empty project, and used as the README says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../../scripts/paths.ts'
import { makeProject, readManifest, readmeFiles, run, type Project } from './project.ts'

let project: Project

beforeAll(() => {
  project = makeProject()
}, 60_000)
afterAll(() => project.remove())

/** What a module exports at run time, asked in the project itself. */
function namesOf(module: string): readonly string[] {
  const script = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(module)})).sort()))`
  return JSON.parse(run(process.execPath, ['--input-type=module', '-e', script], project.folder)) as string[]
}

test('it holds the built modules with their types, the README and the license, and nothing else', () => {
  const files = run('tar', ['-tzf', project.tarball], project.folder).trim().split('\n')
  const others = files.filter((file) => !/^package\/dist\/.+\.(?:js|cjs|d\.ts|d\.cts)$/.test(file))
  expect(others.sort()).toEqual(['package/LICENSE', 'package/README.md', 'package/package.json'])
})

test('publint finds nothing', async () => {
  const { messages } = await publint({ pack: { tarball: toBuffer(readFileSync(project.tarball)) } })
  expect(messages).toEqual([])
})

test('are-the-types-wrong finds nothing', () => {
  // Node 22.18 and newer can `require` an ES module, and older resolution than node16 knows no exports.
  const args = [project.tarball, '--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm']
  run(join(root, 'node_modules/.bin/attw'), args, project.folder)
})

test('headwater exports the daemon, the schema, the transport and questions to a status, and nothing of the inside', () => {
  expect(namesOf('headwater')).toEqual([
    'DaemonError',
    'FULL_SYNC',
    'SchemaError',
    'TransportError',
    'UploadRejected',
    'defineSchema',
    'findStream',
    'forkReader',
    'fractionOf',
    'httpTransport',
    'integer',
    'lastSync',
    'openDaemon',
    'real',
    'table',
    'text',
    'untilPriority',
  ])
})

test('headwater/client, headwater/react and headwater/demo export what the documentation names', () => {
  expect(namesOf('headwater/client')).toEqual(['createClient', 'failureOf'])
  expect(namesOf('headwater/react')).toEqual([
    'ClientProvider',
    'useAllSyncStreamsHaveSynced',
    'useClient',
    'useLink',
    'useNamedQuery',
    'usePendingChanges',
    'useQuery',
    'useStatus',
    'useStreamStatus',
    'useSyncStream',
    'useSyncStreams',
    'useWrite',
  ])
  expect(namesOf('headwater/demo')).toEqual(['DemoStopped', 'startDemo', 'startDemoInWorker'])
})

test('CommonJS can require it', () => {
  const script = `console.log(typeof require('headwater').openDaemon)`
  expect(run(process.execPath, ['--input-type=commonjs', '-e', script], project.folder)).toBe('function\n')
})

test('the README’s code compiles with no other packages than those that it names', () => {
  for (const [name, code] of readmeFiles()) project.write(name, code)
  expect([...readmeFiles().keys()]).toEqual(['main.ts', 'upload.ts', 'preload.ts', 'page.tsx', 'download.ts'])
  project.compile()
})

test('the README’s program without windows runs in Node and has downloaded a stream', () => {
  const printed = run(process.execPath, ['download.js'], project.folder)
  expect(Number(/issues: (\d+)/.exec(printed)?.[1])).toBeGreaterThan(50)
})

test('the README’s upload sends what was written, and a second database has it from the service', () => {
  project.write('write.js', written)
  expect(run(process.execPath, ['write.js'], project.folder)).toBe('Renamed\n')
})

/** Renames an issue, waits until nothing waits any more, and prints its name in a database that never wrote. */
const written = `
import { openDaemon } from 'headwater'
import { startDemoInWorker } from 'headwater/demo'
import { uploadTo } from './upload.js'

const service = await startDemoInWorker()
const open = (path) => openDaemon({
  path,
  schema: { tables: { issues: { columns: { project_id: 'text', title: 'text' } } } },
  queries: { oldest: { sql: 'SELECT id, title FROM issues ORDER BY id LIMIT 1' } },
  connector: {
    fetchCredentials: async () => ({ endpoint: service.url, token: await service.token() }),
    uploadData: uploadTo(service.url, () => service.token()),
  },
})
const signal = AbortSignal.timeout(30_000)
const synced = async (daemon) => {
  await daemon.connect()
  const stream = await daemon.syncStream('project_issues', { project: 'project-01' }).subscribe()
  await stream.waitForFirstSync({ signal })
}
const first = await open('first.db')
await synced(first)
const { id } = (await first.query('oldest')).rows[0]
await first.execute('UPDATE issues SET title = ? WHERE id = ?', ['Renamed', id])
while ((await first.uploadQueue()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50))
const second = await open('second.db')
await synced(second)
console.log((await second.query('oldest')).rows[0].title)
await first.close()
await second.close()
await service.close()
`

test('every path that the package exports is in it', () => {
  const { exports } = readManifest(join(project.folder, 'node_modules/headwater'))
  const script = Object.keys(exports)
    .map((path) => `import.meta.resolve('headwater${path.slice(1)}')`)
    .join(',')
  run(process.execPath, ['--input-type=module', '-e', script], project.folder)
})

function toBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
