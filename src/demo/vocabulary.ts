/**
 * The words of Harbourline, the invented freight company whose issue tracker the demo shows: its people, its
 * areas of work, and in each area the things that break and the wishes that people have.
 */

/** Pieces that fit together: `The {thing} {trouble} {when}`; `{wish}`; `{chore}`. */
export interface Area {
  readonly name: string
  readonly projects: readonly { readonly key: string; readonly name: string; readonly about: string }[]
  readonly things: readonly string[]
  readonly troubles: readonly string[]
  readonly when: readonly string[]
  readonly wishes: readonly string[]
}

export const areas: readonly Area[] = [
  {
    name: 'Booking',
    projects: [
      { key: 'BOOK', name: 'Booking web', about: 'Where customers book space on a sailing or a truck.' },
      {
        key: 'QUOTE',
        name: 'Quotes',
        about: 'Prices for new shipments, from the first request to acceptance.',
      },
      {
        key: 'PORT',
        name: 'Customer portal',
        about: 'Shipments, documents and invoices for signed-in customers.',
      },
      {
        key: 'SLOT',
        name: 'Capacity planning',
        about: 'How many slots each sailing has left and who holds them.',
      },
      { key: 'PART', name: 'Partner API', about: 'Bookings from forwarders and marketplaces, by machine.' },
    ],
    things: list(`
      quote form | sailing picker | booking summary | address book | container selector |
      price breakdown | draft list | slot calendar | confirmation e-mail | cargo details step`),
    troubles: list(`
      shows yesterday’s price | loses the draft | offers sailings that are full |
      counts the surcharge twice | rejects valid container numbers | keeps the old pickup address |
      rounds weights down | forgets the selected currency | lists cancelled sailings |
      lets the same slot be booked twice`),
    when: list(`
      after a session times out | for shipments with more than ten lines |
      when the customer switches company | on the Rotterdam to Gdynia lane |
      when two people edit the same booking | after going back one step |
      for refrigerated containers | with a promotional tariff | in Safari 18 | around midnight UTC`),
    wishes: list(`
      Let customers duplicate a past booking | Show remaining slots before the price |
      Save quotes as reusable templates | Offer the next sailing when one is full |
      Import cargo lines from a spreadsheet | Add a second contact to each booking |
      Explain every surcharge in plain words | Hold a slot for thirty minutes during checkout |
      Remember preferred pickup times | Warn before a quote expires`),
  },
  {
    name: 'Fleet',
    projects: [
      {
        key: 'DISP',
        name: 'Dispatch board',
        about: 'The wall of loads, trucks and drivers that dispatchers live in.',
      },
      {
        key: 'ROUTE',
        name: 'Route planner',
        about: 'Turns a day of stops into routes that drivers can keep.',
      },
      { key: 'DRIV', name: 'Driver app', about: 'Jobs, navigation and proof of delivery on the phone.' },
      { key: 'TELE', name: 'Vehicle telemetry', about: 'Positions, temperatures and fuel from every truck.' },
      {
        key: 'YARD',
        name: 'Yard management',
        about: 'Which trailer stands where, and which gate opens next.',
      },
    ],
    things: list(`
      load card | driver roster | route map | job list | proof of delivery screen | gate display |
      temperature chart | shift planner | trailer search | rest time counter`),
    troubles: list(`
      jumps back to the first column | shows a driver as free who is on a job | drops the last stop |
      drains the battery | stays on “sending” | mixes up two trailers | ignores the mandatory break |
      freezes for several seconds | shows positions an hour old | swaps start and end of the shift`),
    when: list(`
      after the phone was offline | with more than forty stops | when a load is split |
      during the morning handover | on older Android phones | when a truck crosses a border |
      after daylight saving changed | for trucks with two drivers | when the filter is “today” |
      in the Hamburg yard`),
    wishes: list(`
      Let dispatchers undo an assignment | Show the next free dock on the load card |
      Take several photos as proof of delivery | Suggest a driver who knows the customer |
      Alert when a trailer is too warm | Plan around low bridges | Swap two stops by dragging |
      Work without a signal for a whole shift | Mark trailers that need repair |
      Read the seal number with the camera`),
  },
  {
    name: 'Warehouse',
    projects: [
      { key: 'SCAN', name: 'Scanner app', about: 'Receiving, picking and loading with the handheld.' },
      { key: 'STOCK', name: 'Inventory', about: 'What lies where, counted and recounted.' },
      { key: 'DOCK', name: 'Dock scheduling', about: 'Time slots for trucks at the ramps.' },
      { key: 'LABEL', name: 'Label printing', about: 'From the label editor to the printer on the belt.' },
      { key: 'RETN', name: 'Returns', about: 'Goods that come back, inspected and credited.' },
    ],
    things: list(`
      receiving screen | pick list | count sheet | dock calendar | label preview | pallet view |
      returns form | bin search | loading checklist | shortage report`),
    troubles: list(`
      accepts the same pallet twice | prints the label upside down | shows a negative quantity |
      skips the last item | loses the scan | sorts bins as text | blocks two docks for one truck |
      hides damaged goods | beeps success for unknown codes | takes half a minute to open`),
    when: list(`
      when the network drops between aisles | for pallets with mixed goods | after a recount |
      with the new ring scanners | for batches without an expiry date | at the end of the month |
      when a shift leader overrides a slot | for items in two bins | on the mezzanine level |
      after a partial return`),
    wishes: list(`
      Count a bin without stopping the picks | Print labels for a whole pallet at once |
      Show which dock is free right now | Photograph damage while receiving |
      Split a pick between two people | Remember the last printer per station |
      Suggest a bin close to the dock | Flag batches that expire this week |
      Confirm a load with one scan | Show walking distance for a pick list`),
  },
  {
    name: 'Tracking',
    projects: [
      { key: 'TRACK', name: 'Tracking page', about: 'The public page behind every tracking number.' },
      { key: 'ETA', name: 'Arrival times', about: 'When it will be there, and how sure we are.' },
      { key: 'NOTE', name: 'Notifications', about: 'E-mails, texts and pushes about shipments.' },
      { key: 'HOOK', name: 'Webhooks', about: 'Events for customers’ own systems.' },
      { key: 'MAP', name: 'Live map', about: 'Ships and trucks, moving.' },
    ],
    things: list(`
      tracking timeline | arrival estimate | delay notice | webhook log | vessel marker |
      subscription form | delivery window | event feed | port call list | share link`),
    troubles: list(`
      shows events in the wrong order | promises a date in the past | is sent twice |
      retries for ever | points to the wrong terminal | forgets the time zone | stays at “departed” |
      leaks the internal reference | never turns green | flickers between two estimates`),
    when: list(`
      when a vessel skips a port | for shipments with three legs | after a customs hold |
      when the carrier corrects an event | for customers in New Zealand |
      if the receiver answers with a redirect | during a storm reroute |
      with notifications in German | on small screens | when positions arrive late`),
    wishes: list(`
      Explain why an arrival time moved | Let receivers choose text or e-mail |
      Replay webhook events from the log | Show the whole journey on one map |
      Add a quiet time for notifications | Offer a printable tracking summary |
      Show how sure an estimate is | Group containers of one booking |
      Sign webhooks with rotating keys | Tell the receiver who is at the door`),
  },
  {
    name: 'Finance',
    projects: [
      { key: 'INV', name: 'Invoicing', about: 'From delivered to billed, without typing.' },
      { key: 'PAY', name: 'Payments', about: 'Cards, direct debit and bank transfers.' },
      { key: 'TARIF', name: 'Tariffs', about: 'Rates, surcharges and the contracts behind them.' },
      { key: 'CRED', name: 'Credit control', about: 'Limits, reminders and promises to pay.' },
      { key: 'FREP', name: 'Finance reports', about: 'Numbers for the month’s end and the auditors.' },
    ],
    things: list(`
      invoice run | credit note | payment page | rate table | fuel surcharge | reminder letter |
      margin report | exchange rate import | bank matching | approval step`),
    troubles: list(`
      leaves out the last day of the month | rounds each line instead of the total |
      charges the old rate | sends reminders for paid invoices | sums two currencies | times out |
      shows tax for exempt customers | matches the wrong invoice | cannot be cancelled |
      uses last week’s exchange rate`),
    when: list(`
      for invoices over a thousand lines | with a split delivery | when a contract starts mid-month |
      after a partial refund | for customers with two tax numbers | during the nightly run |
      if the bank sends a correction | with a zero-value line | for shipments from Norway |
      when two people approve at once`),
    wishes: list(`
      Preview an invoice before the run | Match payments by booking reference |
      Let customers pay several invoices at once | Show how a surcharge was calculated |
      Warn when a shipment loses money | Schedule a rate change ahead |
      Export the ledger by cost centre | Pause reminders during a dispute |
      Approve credit notes from the phone | Keep a history of rate changes`),
  },
  {
    name: 'Platform',
    projects: [
      { key: 'AUTH', name: 'Identity', about: 'Sign-in, roles and the keys to everything else.' },
      { key: 'GATE', name: 'API gateway', about: 'The door: limits, routing, versions.' },
      { key: 'BUS', name: 'Event bus', about: 'What happened, told to everyone who cares.' },
      { key: 'DATA', name: 'Databases', about: 'Backups, upgrades and slow queries.' },
      { key: 'SHIP', name: 'Build and release', about: 'From a commit to production, several times a day.' },
    ],
    things: list(`
      sign-in page | token refresh | rate limiter | dead letter queue | nightly backup |
      release pipeline | role editor | health check | schema migration | audit stream`),
    troubles: list(`
      logs people out at random | answers 502 for a minute | keeps retrying a poison message |
      fails without a reason | runs twice | holds a lock for too long | lets a revoked key in |
      reports healthy while it is down | fills the disk | takes forty minutes`),
    when: list(`
      right after a deploy | under more than two thousand requests a second |
      when a replica falls behind | for accounts with single sign-on | while a backup runs |
      when two releases overlap | with clocks a few seconds apart | in the staging cluster |
      for service accounts | after the certificate was renewed`),
    wishes: list(`
      Show who can see what, for any account | Roll back with one command |
      Publish an error budget for each team | Rotate keys without downtime |
      Replay a day of events into staging | Cut the build to under ten minutes |
      Add tracing to the booking path | Restore one table from a backup |
      Warn before an API version goes away | Give every service a runbook`),
  },
  {
    name: 'Compliance',
    projects: [
      { key: 'CUST', name: 'Customs', about: 'Declarations for every border we cross.' },
      { key: 'DOCS', name: 'Documents', about: 'Bills of lading, certificates and who may read them.' },
      { key: 'HAZ', name: 'Dangerous goods', about: 'What may travel next to what.' },
      { key: 'AUDIT', name: 'Audit trail', about: 'Who did what, when, and proof of it.' },
      { key: 'CARB', name: 'Emissions', about: 'Carbon figures for every shipment.' },
    ],
    things: list(`
      export declaration | bill of lading | tariff code search | segregation check |
      document archive | certificate upload | emissions statement | sanctions screening |
      audit search | signature step`),
    troubles: list(`
      drops leading zeros | cuts off long company names | accepts an expired certificate |
      finds nothing for two words | flags the same name every time |
      shows documents of another customer’s branch | misses the return leg |
      rejects lower-case codes | stays pending | prints without the stamp`),
    when: list(`
      for goods in transit through Switzerland | with more than one consignee |
      when the declaration is amended | for lithium batteries | after the yearly tariff update |
      with scanned pages | when a ship changes its name | for multi-leg shipments |
      if the authority’s server is slow | in the Danish forms`),
    wishes: list(`
      Prefill declarations from the last shipment | Check tariff codes while typing |
      Warn three weeks before a certificate expires | Show why a screening matched |
      Sign documents on the phone | Compare emissions of two routes |
      Keep a reason with every override | Export an audit trail for one booking |
      Explain which goods may not share a container | Translate the cargo manifest`),
  },
  {
    name: 'Company',
    projects: [
      { key: 'WEB', name: 'Website', about: 'harbourline.example, and the sailing schedule on it.' },
      { key: 'HELP', name: 'Support desk', about: 'Questions from customers and the answers to them.' },
      { key: 'TOOL', name: 'Internal tools', about: 'Small things that save somebody an hour a week.' },
      { key: 'BI', name: 'Analytics', about: 'Dashboards and the data under them.' },
      { key: 'KIT', name: 'Design system', about: 'Components, colours and how we write.' },
    ],
    things: list(`
      schedule page | contact form | ticket view | canned answer | lane dashboard | weekly digest |
      date picker | data table | holiday calendar | cookie banner`),
    troubles: list(`
      shows last season’s schedule | sends two confirmations | hides the newest reply |
      counts internal users | breaks in dark mode | traps the keyboard focus |
      opens in the wrong language | overflows its column | loads a three-megabyte image |
      starts the week on Sunday`),
    when: list(`
      for visitors from the newsletter | with a screen reader | when a ticket was merged |
      in the French version | on a 13-inch laptop | during the quarterly import | after midnight |
      with large text turned on | for people who left the company | if an ad blocker is active`),
    wishes: list(`
      Add a dark theme | Search tickets by booking number | Let teams pin their own dashboard |
      Announce schedule changes on the website | Show the support queue on the office screen |
      Write a guide for empty states | Offer call-backs instead of hold music |
      Show on-time arrivals by lane | Give the data table sticky headers |
      Collect feedback after each answer`),
  },
]

export const givenNames = list(`
      Mira | Jonas | Adaeze | Tomás | Ingrid | Rafael | Yuki | Noor | Pavel | Clara | Emeka | Sofia |
      Liam | Hanneke | Arjun | Zofia | Mateo | Freya | Omar | Elif | Bram | Chiara | Dmitri | Aoife |
      Kofi | Linnea | Samir | Marta | Theo | Nadia | Oskar | Priya | Joaquín | Signe | Haruto |
      Leila | Marek | Ines | Felix | Amara | Viktor | Greta | Idris | Paula | Anton | Mei | Stellan |
      Rosa | Karim | Alva | Hugo | Femke | Dario | Nia | Lukas | Yara | Piet | Olena | Simon | Tuva`)
export const familyNames = list(`
      Vestergaard | Lindqvist | Okafor | Ferreira | Hansen | Moreau | Tanaka | Haddad | Novák |
      Weiss | Eze | Rossi | Byrne | de Vries | Mehta | Kowalska | Álvarez | Holm | Rahman | Demir`)
export const roles = list(`
      Engineer | Engineer | Engineer | Engineer | Senior engineer | Product manager | Designer |
      Quality engineer | Support lead | Operations | Data analyst | Engineering manager`)
export const labelNames = list(`
      bug | feature | chore | customer | regression | performance | accessibility | mobile |
      security | data | quick win | needs design | needs reproduction | documentation | blocked`)
export const colors = [
  '#2f6fdb',
  '#0f8b8d',
  '#b3541e',
  '#7a4fd0',
  '#b8336a',
  '#4c7a2a',
  '#c48a00',
  '#3b6ea5',
  '#8c4843',
  '#5a6b7b',
]

/** A list written as running text: the pieces between the bars. */
function list(text: string): readonly string[] {
  return text.split('|').map((piece) => piece.trim().replaceAll(/\s+/g, ' '))
}
