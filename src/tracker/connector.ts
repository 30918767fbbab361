/**
 * How the tracker signs in and sends changes: to the back end that runs beside the sync service, at `/upload`. The
 * client's id and the transaction's number name a change, so that one that comes twice is taken once.
 *
 * Invariant: a transaction leaves the queue only after the back end has said that it has it. One that the back end
 * rules out is held until somebody tries again or gives it up; nothing is given up by itself.
 */
import type { Connector, Credentials } from '../connector/connector.ts'
import { UploadRejected, type CrudTransaction } from '../connector/upload.ts'

/** `account`: where the service is, and a fresh token for it; null where nobody is signed in. */
export function trackerConnector(account: () => Promise<Credentials | null>): Connector {
  return {
    fetchCredentials: account,
    async uploadData({ clientId, getTransactions, signal }) {
      const credentials = await account()
      if (credentials === null) throw new UploadFailed('signed_out', 'Nobody is signed in.')
      for await (const transaction of getTransactions()) {
        await send(credentials, clientId, transaction, signal)
        await transaction.complete()
      }
    },
    onUploadRejected: () => 'hold',
  }
}

/**
 * It was not sent, or not taken, and may be later:
 * - `signed_out`: nobody is signed in.
 * - `backend_unreachable`: no answer came.
 * - `backend_unauthorized`: the token was not accepted.
 * - `backend_failed`: another status than expected.
 */
export class UploadFailed extends Error {
  override readonly name = 'UploadFailed'
  readonly code: 'signed_out' | 'backend_unreachable' | 'backend_unauthorized' | 'backend_failed'

  constructor(code: UploadFailed['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** The change itself is what the back end will not have. */
const ruledOut: ReadonlySet<number> = new Set([400, 413, 422])

async function send(
  { endpoint, token }: Credentials,
  clientId: string,
  transaction: CrudTransaction,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(new URL('upload', endpoint.replace(/\/*$/, '/')), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
    body: bodyOf(clientId, transaction),
    signal,
  }).catch((cause: unknown) => {
    throw new UploadFailed('backend_unreachable', 'The company’s back end does not answer.', cause)
  })
  // Read to its end, whatever it says: the socket is free for the next one then.
  const text = await response.text()
  if (response.ok) return
  if (ruledOut.has(response.status)) throw new UploadRejected(reasonIn(text))
  const { status } = response
  if (status === 401 || status === 403) {
    throw new UploadFailed('backend_unauthorized', 'The company’s back end did not accept the sign-in.')
  }
  throw new UploadFailed('backend_failed', `The company’s back end answered with the status ${status}.`)
}

/** The values go as the queue's own text: numbers keep their last digit. */
function bodyOf(clientId: string, { transactionId, crud }: CrudTransaction): string {
  const changes = crud.map(({ op, table, rowId, json }) => {
    const [type, id] = [JSON.stringify(table), JSON.stringify(rowId)]
    return `{"op":"${op}","type":${type},"id":${id},"data":${json.opData ?? 'null'}}`
  })
  const transaction = `{"id":${transactionId},"crud":[${changes.join(',')}]}`
  return `{"client_id":${JSON.stringify(clientId)},"transactions":[${transaction}]}`
}

/** The back end's own sentence. */
function reasonIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly description?: unknown } }
    if (typeof error?.description === 'string') return error.description
  } catch {
    // Something else refused it: a proxy, for one.
  }
  return 'The company’s back end did not take the change, and gave no reason.'
}
