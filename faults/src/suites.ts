import { feedSuite } from './feed/suite.ts'
import { fileSuite } from './file/suite.ts'
import { kubernetesSuite } from './kubernetes/suite.ts'

/** What `pnpm faults` can play. */
export const SUITES = [fileSuite, kubernetesSuite, feedSuite]
