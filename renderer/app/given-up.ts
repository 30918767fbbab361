/** Changes that were given up, read again when one may have become another of them. */
import { useEffect, useState } from 'react'
import type { RejectedTransaction } from '../../src/ipc/client/index.ts'
import { useClient, useLink, useStatus } from '../../src/ipc/client/react.tsx'

export interface GivenUp {
  /** The newest first. */
  readonly changes: readonly RejectedTransaction[]
  readonly forget: (transactionId: number) => void
}

export function useGivenUp(): GivenUp {
  const { uploads } = useClient()
  const link = useLink()
  // Only the oldest change can be given up: it was held, or the queue comes to its end without it.
  const held = useStatus((status) => status.upload.heldTransaction)
  const isEmpty = useStatus((status) => status.upload.entries === 0)
  const [changes, setChanges] = useState<readonly RejectedTransaction[]>([])
  useEffect(() => {
    if (link !== 'open') return undefined
    let isWanted = true
    uploads.rejected().then(
      (found) => isWanted && setChanges(found),
      () => {}, // The link was lost; read again when it is back.
    )
    return () => void (isWanted = false)
  }, [uploads, link, held, isEmpty])
  const forget = (transactionId: number) => {
    uploads.forget(transactionId).then(
      () => setChanges((all) => all.filter((change) => change.transactionId !== transactionId)),
      () => {}, // It stays in the list.
    )
  }
  return { changes, forget }
}
