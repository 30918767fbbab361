import { httpTransport } from '../../src/connector/http.ts'
import { testDaemon } from './daemon-suite.ts'

testDaemon('in a worker thread, fetching on main', { transport: httpTransport() })
