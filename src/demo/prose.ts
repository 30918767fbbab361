/**
 * Sentences for the demo: titles, descriptions and comments put together from the vocabulary of an area, so
 * that the tracker reads like one that people use. Everything comes from the given chance and nothing else.
 */
import type { Random } from './random.ts'
import type { Area } from './vocabulary.ts'

export type IssueKind = 'bug' | 'feature' | 'chore'

export interface IssueText {
  readonly kind: IssueKind
  readonly title: string
  readonly description: string
  /** What it is about, for the comments. */
  readonly thing: string
}

export function writeIssue(random: Random, area: Area): IssueText {
  const thing = random.pick(area.things)
  const roll = random.next()
  if (roll < 0.55) return writeBug(random, area, thing)
  return roll < 0.85 ? writeFeature(random, area, thing) : writeChore(random, area, thing)
}

function writeBug(random: Random, area: Area, thing: string): IssueText {
  const trouble = random.pick(area.troubles)
  const when = random.pick(area.when)
  const opening = random.pick([
    `The ${thing} ${trouble} ${when}.`,
    `Reported by support this morning: the ${thing} ${trouble} ${when}.`,
    `We have seen this ${random.below(9) + 2} times since last ${random.pick(weekdays)}: the ${thing} ${trouble} ${when}.`,
    `Found while testing something else. The ${thing} ${trouble}, but only ${when}.`,
  ])
  const steps = [
    `Steps to reproduce:\n1. Open the ${thing}\n2. ${random.pick(actions)}\n3. ${random.pick(waits)}`,
    random.pick([
      `Expected: it behaves as it does everywhere else.\nActual: it ${trouble}.`,
      `It should do nothing of the kind.`,
    ]),
  ]
  const ending = random.pick([random.pick(impacts), random.pick(workarounds), random.pick(hunches)])
  const paragraphs = random.chance(0.7) ? [opening, ...steps, ending] : [opening, ending]
  const title = random.chance(0.6)
    ? capital(`${thing} ${trouble} ${when}`)
    : capital(`${when}, the ${thing} ${trouble}`)
  return { kind: 'bug', title, description: paragraphs.join('\n\n'), thing }
}

function writeFeature(random: Random, area: Area, thing: string): IssueText {
  const wish = random.pick(area.wishes)
  const who = random.pick(askers)
  const paragraphs = [
    random.pick([
      `${who} asked for this again. Today people work around it with a spreadsheet, which goes wrong ${random.pick(area.when)}.`,
      `${who} brought this up in the ${random.pick(weekdays)} review. It would mostly touch the ${thing}.`,
      `Came out of the visits last month: ${lower(who)} would use this every day.`,
    ]),
    random.pick([
      `A first version can be small:\n- only in the ${thing}\n- no settings\n- ${random.pick(limits)}`,
      `Open questions:\n- who may use it?\n- what happens ${random.pick(area.when)}?\n- ${random.pick(questions)}`,
      `Done when somebody who has never seen it can use it without help, and ${random.pick(limits)}.`,
    ]),
  ]
  const title = random.chance(0.6)
    ? wish
    : random.pick([
        `First step: ${lower(wish)}`,
        `Find out what it takes: ${lower(wish)}`,
        `${wish}, on the phone`,
        `Follow-up: ${lower(wish)}`,
      ])
  return { kind: 'feature', title, description: paragraphs.join('\n\n'), thing }
}

function writeChore(random: Random, area: Area, thing: string): IssueText {
  const [title, why] = random.pick(chores)
  const description = [
    `${why} This time it is about the ${thing}.`,
    random.pick([random.pick(limits), ...area.wishes.slice(0, 3).map((wish) => `unblocks “${wish}”`)]),
  ]
  return {
    kind: 'chore',
    title: title.replace('{thing}', thing),
    description: `${description[0]}\n\n${capital(description[1]!)}.`,
    thing,
  }
}

/** What somebody says about an issue. `names` are given names of colleagues to mention. */
export function writeComment(random: Random, area: Area, thing: string, names: readonly string[]): string {
  const name = random.pick(names)
  const sentence = random.pick([
    `I can reproduce this ${random.pick(area.when)}. Logs are attached to the build from ${random.pick(weekdays)}.`,
    `Cannot reproduce on staging. ${name}, which account did you use?`,
    `${name} and I looked at this together: the ${thing} reads the value before it is saved. A fix is easy, a good test is not.`,
    `Moving this up, two more customers wrote in about the ${thing} today.`,
    `Could this be the same as the one about the ${random.pick(area.things)}? It also ${random.pick(area.troubles)} ${random.pick(area.when)}.`,
    `Pull request #${1200 + random.below(7000)} is up. It is smaller than it looks, most of it is tests.`,
    `Merged, will be in the next release. Please check it ${random.pick(area.when)}.`,
    `Checked in build ${2400 + random.below(500)}: works for me, also ${random.pick(area.when)}.`,
    `Still there in build ${2400 + random.below(500)}. Different symptom: now it ${random.pick(area.troubles)}.`,
    `I would rather not add a setting for this. Can we find a default that is right for nearly everyone?`,
    `Design is in the shared folder, second page. The empty state is still missing.`,
    `${name}, do you remember why we did it this way? I found the commit but not the reason.`,
    `Talked to operations. They can live with it until the end of the month, not longer.`,
    `Let us split this: the ${thing} now, “${random.pick(area.wishes)}” later.`,
    `Numbers from last week: ${random.below(90) + 4} cases, nearly all ${random.pick(area.when)}.`,
    `Blocked by the ${random.pick(area.things)}. I will pick it up again when that is done.`,
    `Thanks ${name}, that explains a lot.`,
    `Closing the loop with the customer. They are happy with the workaround for now.`,
    `Added a test that fails without the change. It was ${random.pick(['the time zone', 'a missing index', 'an off-by-one', 'the cache', 'a race', 'a stale token'])}, as usual.`,
    `This is the kind of thing we should see on a dashboard before a customer tells us.`,
  ])
  if (random.chance(0.25)) return `${sentence}\n\n${random.pick([...impacts, ...workarounds, ...hunches])}`
  return sentence
}

/** A few words about something that was closed long ago. */
export function writeArchivedTitle(random: Random, area: Area): string {
  return random.chance(0.6)
    ? capital(`${random.pick(area.things)} ${random.pick(area.troubles)}`)
    : random.pick(area.wishes)
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']
const actions = [
  'Change any field',
  'Reload the page',
  'Switch to another company and back',
  'Choose the second entry in the list',
  'Press Enter instead of the button',
  'Leave it open over lunch',
]
const waits = ['Save', 'Wait about a minute', 'Go back', 'Open it in a second window', 'Look at the totals']
const impacts = [
  'It costs the team about an hour a day.',
  'Nobody has lost money yet, but it is a matter of time.',
  'Two of the ten largest customers have noticed.',
  'It is not urgent, it is only embarrassing.',
  'Support has a canned answer for it by now, which says enough.',
]
const workarounds = [
  'Workaround: reload and start over.',
  'Until it is fixed, operations corrects the entries by hand every evening.',
  'There is no workaround that we would want to tell a customer.',
]
const hunches = [
  'My guess is that it came with the change to how we cache lookups.',
  'It started some time in the last two releases.',
  'It smells like a time zone.',
  'The logs show a timeout shortly before, which may or may not be related.',
]
const askers = [
  'The dispatchers',
  'A customer in Gothenburg',
  'The night shift',
  'Sales',
  'The Rotterdam office',
  'Support',
]
const limits = [
  'it works on a phone',
  'nothing gets slower',
  'it can be used with the keyboard alone',
  'old links keep working',
  'we measure whether anyone uses it',
]
const questions = [
  'do we need an audit entry?',
  'is there a limit?',
  'what do we show while it loads?',
  'does finance need to know?',
]
const chores = [
  [
    'Remove the old {thing} code path',
    'Nobody has used it since the spring, and it is in the way of every change.',
  ],
  ['Write tests for the {thing}', 'Every second regression of the quarter was here.'],
  ['Document how the {thing} works', 'Three people asked the same question in one week.'],
  ['Upgrade the libraries behind the {thing}', 'We are two major versions behind.'],
  ['Make the {thing} logs readable', 'Finding one request takes longer than fixing it.'],
  ['Measure how long the {thing} takes', 'We argue about whether it is slow, and nobody knows.'],
  ['Clean up feature flags around the {thing}', 'All of them have been on for everyone since last year.'],
  ['Move the {thing} to the new components', 'It is one of the last screens with the old buttons.'],
] as const
