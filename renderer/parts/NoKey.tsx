/** In place of the whole page, where the host does not accept its token. */
import { Ripples } from './icons.tsx'

export function NoKey() {
  return (
    <main className="no-key blank">
      <title>No valid key · Headwater</title>
      <Ripples />
      <div>
        <h1 className="blank-title">This address has no valid key</h1>
        <p className="blank-text">
          Each start of Headwater makes a new one. Open the address that it printed in the terminal. Nothing
          that was synced is lost.
        </p>
      </div>
    </main>
  )
}
