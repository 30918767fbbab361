import type { Schema } from '../../../src/schema/schema.ts'
import { MadeUpService } from '../service.ts'
import type { RowMaker } from '../service.ts'
import type { Case, Size, Suite } from '../suite.ts'

export const reads: Suite = {
  name: 'reads',
  title: 'Reads through the views',
  about:
    'The same SQL on the views that each peer made, by the same plain connection, warm; the median of the runs in ' +
    'one process. No index but the primary key. Rows have ten columns.',
  columns: [],
  cases: (size) => QUERIES.map((query) => aCase(size, query)),
}

interface Query {
  readonly id: string
  readonly title: string
  readonly sql: string
}

const QUERIES: readonly Query[] = [
  { id: 'filter', title: 'filter and count', sql: `SELECT count(*) FROM issues WHERE status = 'open'` },
  {
    id: 'top-50',
    title: 'top 50 of a filtered list',
    sql: `SELECT id, title, priority, updated FROM issues WHERE project = 'project-7' ORDER BY updated DESC, id LIMIT 50`,
  },
  {
    id: 'group',
    title: 'group and sum',
    sql: 'SELECT project, count(*), sum(points), max(updated) FROM issues GROUP BY project ORDER BY project',
  },
  {
    id: 'whole-rows',
    title: '1,000 whole rows',
    sql: 'SELECT * FROM issues ORDER BY id LIMIT 1000',
  },
  {
    id: 'join',
    title: 'join and group',
    sql:
      'SELECT p.name, count(*), avg(i.points) FROM issues i JOIN projects p ON p.code = i.project ' +
      `WHERE i.status = 'open' GROUP BY p.name ORDER BY p.name`,
  },
]

const schema: Schema = {
  tables: {
    issues: {
      columns: {
        title: 'text',
        description: 'text',
        status: 'text',
        project: 'text',
        assignee: 'text',
        priority: 'integer',
        points: 'real',
        created: 'text',
        updated: 'text',
        archived: 'integer',
      },
    },
    projects: { columns: { code: 'text', name: 'text' } },
  },
}

const PROJECTS = 50
const STATUSES = ['open', 'in progress', 'done', 'cancelled']

/** The first ops are projects, all others issues. */
const row: RowMaker = (n) => {
  if (n <= PROJECTS) return { type: 'projects', data: { code: `project-${n}`, name: `The ${n}th project` } }
  const day = (from: number) => new Date(Date.UTC(2024, 0, 1) + (from % 700) * 86_400_000).toISOString()
  return {
    type: 'issues',
    data: {
      title: `Issue ${n}: something to do`,
      description: 'What has to be done, and how one knows that it is done. '.repeat(2),
      status: STATUSES[(n * 7) % STATUSES.length]!,
      project: `project-${1 + ((n * 13) % PROJECTS)}`,
      assignee: `user-${n % 97}`,
      priority: n % 4,
      points: (n % 13) / 2,
      created: day(n),
      updated: day(n * 31),
      archived: n % 10 === 0 ? 1 : 0,
    },
  }
}

function aCase(size: Size, { id, title, sql }: Query): Case {
  const rows = size === 'full' ? 200_000 : 20_000
  return {
    id,
    title: `${title}, ${rows.toLocaleString('en')} rows`,
    peers: ['native', 'headwater'],
    main: 'ms',
    async prepare(fixtures) {
      const base = fixtures.base('issues', rows, schema, () => {
        return new MadeUpService({ buckets: 100, opsPerLine: 1000, row })
      })
      return async (peer) => ({
        on: 'itself',
        database: await base.databaseOf(peer),
        job: { do: 'read', peer, sql, times: size === 'full' ? 15 : 7 },
      })
    },
  }
}
