import type { Suite } from '../suite.ts'
import { answers } from './answers.ts'
import { cuts } from './cuts.ts'
import { deaths } from './deaths.ts'
import { expiry } from './expiry.ts'
import { notProof } from './not-proof.ts'
import { outages } from './outages.ts'
import { releases } from './releases.ts'
import { restores } from './restore.ts'
import { rollings } from './rolling.ts'
import { openServer, serverUnavailable } from './server.ts'
import { DEFAULTS } from './settings.ts'
import { steadies } from './steady.ts'
import { stops } from './stops.ts'
import { storms } from './storms.ts'
import { tampering } from './tampering.ts'

/** The Kubernetes service on a real API server. */
export const kubernetesSuite: Suite = {
  name: 'kubernetes',
  service: new URL('./service.ts', import.meta.url).href,
  settings: { ...DEFAULTS },
  sideBySide: 6,
  unavailable: serverUnavailable,
  open: openServer,
  scenarios: [
    ...releases,
    // The longest first, so that a quick run does not wait for them at its end.
    ...steadies,
    ...storms,
    ...deaths,
    ...expiry,
    ...notProof,
    ...stops,
    ...cuts,
    ...answers,
    ...outages,
    ...tampering,
    ...restores,
    ...rollings,
  ],
}
