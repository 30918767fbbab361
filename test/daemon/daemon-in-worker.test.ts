import { testDaemon } from './daemon-suite.ts'

testDaemon('in a worker thread', {})
