import { testDaemon } from './daemon-suite.ts'

testDaemon('in process', { inProcess: true })
