import type { Component } from '../component/contract.ts'
import { direct } from './direct/direct.ts'
import { log } from './log/log.ts'
import { mock } from './mock/mock.ts'

/** The components that every context has. They use the public contract only. */
export const builtInComponents: readonly Component[] = [direct, log, mock]
