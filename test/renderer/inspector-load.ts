/**
 * What the inspector costs while 2,000 streams change 55 times a second, panel by panel: the share of one core
 * that its page's main thread uses, and that by message, since a page that cannot keep up is sent fewer. Run by hand after `npm run build`:
 * `node test/renderer/inspector-load.ts [streams] [deltas in a second]`.
 */
import { chromium, type CDPSession } from 'playwright'
import { findChromium } from '../../scripts/chromium.ts'
import { built } from '../../scripts/paths.ts'
import { createRouter } from '../../src/ipc/router.ts'
import { EMPTY_STATUS, type StreamStatus } from '../../src/status/status.ts'
import { serveWeb } from '../../src/web/serve.ts'
import { fakeDaemon } from '../ipc/fake-daemon.ts'

const [streamCount = 2000, perSecond = 55] = process.argv.slice(2).map(Number)
const SECONDS = 6

const streams = new Map<number, StreamStatus>()
for (let id = 1; id <= streamCount; id++) {
  streams.set(id, {
    id,
    name: 'project_issues',
    params: { project: `project-${(id * 7919) % streamCount}` },
    priority: 3,
    active: true,
    isDefault: false,
    hasExplicitSubscription: true,
    expiresAt: null,
    lastSyncedAt: Date.now(),
    progress: { total: 1_000_000, downloaded: 0 },
    error: null,
    holders: ['main 1'],
  })
}

const daemon = fakeDaemon({
  status: { ...EMPTY_STATUS, connection: { state: 'connected' }, streams },
  buckets: () => ({ rows: [], total: 0, next: null }) as never,
})
const host = await serveWeb({ router: createRouter({ daemon }), directory: built.renderer })
const browser = await chromium.launch({
  executablePath: findChromium()!,
  chromiumSandbox: process.getuid?.() !== 0,
})
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
let received = 0
page.on('websocket', (socket) => socket.on('framereceived', () => received++))
await page.goto(host.inspectorUrl)
await page.getByRole('tab', { name: 'Streams' }).waitFor()
const session = await page.context().newCDPSession(page)
await session.send('Performance.enable', { timeDomain: 'threadTicks' })

let downloaded = 0
let timer: ReturnType<typeof setInterval> | undefined
/** One stream gets on, and with it the whole download. */
function change(): void {
  downloaded++
  const id = 1 + ((downloaded * 13) % streamCount)
  daemon.report({
    streams: new Map([[id, { progress: { total: 1_000_000, downloaded } }]]),
    downloading: { total: 2_000_000, downloaded, byPriority: [] },
  })
}

for (const panel of ['Streams', 'Buckets', 'Status deltas', 'Log']) {
  await page.getByRole('tab', { name: panel }).click()
  await page.waitForTimeout(1500)
  timer = setInterval(change, 1000 / perSecond)
  await page.waitForTimeout(1000)
  const before = await busy(session)
  received = 0
  await page.waitForTimeout(SECONDS * 1000)
  const used = (await busy(session)) - before
  clearInterval(timer)
  const share = Math.round((used / SECONDS) * 100)
  const each = ((used / received) * 1000).toFixed(2)
  console.log(`${panel}: ${share} % of a core, ${each} ms for each of ${received} messages`)
}
await browser.close()
await host.close()

/** CPU seconds that the page's main thread has used. */
async function busy(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
}
