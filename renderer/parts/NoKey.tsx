/** In place of the whole page, where the host does not accept its token. */
import { Blank } from './Blank.tsx'

export function NoKey() {
  return (
    <main className="no-key">
      <title>No valid key · Headwater</title>
      <Blank
        title="This address has no valid key"
        text="Each start of Headwater makes a new one. Open the address that it printed in the terminal. Nothing that was synced is lost."
      />
    </main>
  )
}
