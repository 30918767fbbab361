/** Who may call what: every procedure, every role, against the table; and the table against its page. */
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { initTRPC } from '@trpc/server'
import { createRouter } from '../../src/ipc/router.ts'
import { describeError } from '../../src/ipc/error.ts'
import { createProcedures } from '../../src/ipc/procedures.ts'
import { capabilities, mayCall, type Capability } from '../../src/ipc/roles.ts'
import type { CallContext, WindowRole } from '../../src/ipc/window.ts'
import { fakeDaemon, type FakeDaemon } from './fake-daemon.ts'

const roles = Object.keys(capabilities) as WindowRole[]

interface Procedure {
  readonly _def: {
    readonly meta?: { readonly capability?: Capability }
    readonly query?: true
    readonly mutation?: true
    readonly subscription?: true
  }
}

const procedures = Object.entries(
  createRouter({ daemon: fakeDaemon() })._def.procedures as unknown as Record<string, Procedure>,
).map(([path, { _def }]) => ({
  path,
  kind: _def.query ? 'query' : _def.mutation ? 'mutation' : 'subscription',
  capability: _def.meta?.capability,
}))

let daemon: FakeDaemon
let router: ReturnType<typeof createRouter>

beforeEach(() => {
  daemon = fakeDaemon()
  router = createRouter({ daemon })
})

function call(path: string, role: WindowRole, input: unknown): Promise<unknown> {
  const caller = router.createCaller({ window: { id: 'd', name: 'main 1', role } })
  const found = path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], caller)
  return (found as (input: unknown) => Promise<unknown>)(input)
}

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'ran',
    (error: unknown) => describeError(error).info.code,
  )

test('every procedure names a capability', () => {
  expect(procedures.filter(({ capability }) => capability === undefined)).toEqual([])
})

describe.each(roles)('a window with the role %s', (role) => {
  test.each(procedures.filter(({ capability }) => !mayCall(role, capability)))(
    'is refused $path before its input is looked at',
    async ({ path }) => {
      expect(await codeOf(call(path, role, 'no input of this form'))).toBe('forbidden')
      expect([daemon.calls, daemon.holds, daemon.listeners]).toEqual([[], [], 0])
    },
  )

  test.each(procedures.filter(({ capability }) => mayCall(role, capability)))(
    'may call $path',
    async ({ path }) => {
      expect(await codeOf(call(path, role, 'no input of this form'))).not.toBe('forbidden')
    },
  )
})

test.each(['admin', '', '__proto__', 'constructor', 'toString'])(
  'a role that nobody named may call nothing: %j',
  async (role) => {
    for (const { path } of procedures) {
      expect(await codeOf(call(path, role as WindowRole, { watchId: 'w' }))).toBe('forbidden')
    }
    expect(daemon.listeners).toBe(0)
  },
)

test('a procedure without a capability runs for nobody', async () => {
  const { needs } = createProcedures({ maxSubscriptions: 1, onUnexpected: () => {} })
  let runs = 0
  const bare = needs(undefined as unknown as Capability).query(() => ++runs)
  const caller = initTRPC.context<CallContext>().create().router({ bare }).createCaller
  for (const role of roles) {
    const attempt = caller({ window: { id: 'd', name: 'main 1', role } }).bare()
    expect(await codeOf(attempt)).toBe('forbidden')
  }
  expect(runs).toBe(0)
})

test('the page shows the table as it is (`npx vitest run test/ipc/roles.test.ts -u` writes it)', async () => {
  const rows = procedures.map(({ path, kind, capability }) => {
    const marks = roles.map((role) => (mayCall(role, capability) ? 'yes' : '–'))
    return `| \`${path}\` | ${kind} | ${capability} | ${marks.join(' | ')} |`
  })
  const page = [
    '# Who may call what',
    '',
    'Generated from `roles.ts` and `router.ts` by `test/ipc/roles.test.ts`. The host decides a window’s role when it',
    'makes the window; a call that is not in the table is refused with the code `forbidden`.',
    '',
    `| procedure | kind | needs | ${roles.join(' | ')} |`,
    `|---|---|---|${roles.map(() => '---|').join('')}`,
    ...rows,
    '',
  ].join('\n')
  await expect(page).toMatchFileSnapshot(fileURLToPath(new URL('../../src/ipc/ROLES.md', import.meta.url)))
})
