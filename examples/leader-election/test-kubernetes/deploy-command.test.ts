import { globSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { kubectlBinary } from '@dromedary/test-servers/kubernetes'
import { beforeAll, describe, expect, it } from 'vitest'
import { complaint, printed } from '../test/deploying.ts'
import { NO_PLUGIN, UNREACHABLE } from '../test/kubeconfigs.ts'
import { IMAGE, ready, stage } from './support/deploy-stage.ts'

/** The first time kubectl is built. */
beforeAll(async () => void (await kubectlBinary()), 600_000)

/** A client of docker; whether a daemon runs does not matter. */
const DOCKER = (process.env['PATH'] ?? '').split(delimiter).flatMap(folder => globSync(join(folder, 'docker')))[0]

/** What kubectl says once everything is applied. */
const WAITING = 'Waiting for deployment'
/** Each of them starts several programs, and several of them run at the same time. */
const SLOW = { within: 80_000 }

describe.concurrent('deploy:kubernetes', { timeout: 120_000 }, () => {
  it('applies everything, waits for the pods, and says what to do next', async test => {
    const { namespace, deploy, get, controller, stored } = await stage(test)
    const command = await deploy('--replicas', '3')
    await command.waitForLine(WAITING, SLOW)
    await controller(ready(2))
    await command.waitForLine('2 out of 3', SLOW)
    await controller(ready(3))
    expect(await command.exited).toMatchObject({ code: 0 })

    const out = printed(command, 'stdout')
    expect(out).toMatch(`${IMAGE} to the namespace ${namespace} of the context test, 3 members\n`)
    expect(out).toContain(`kubectl --context test --namespace ${namespace} get lease dromedary-camel-master`)
    expect(out).toContain('rollout undo deployment/leader-election')
    expect(await stored()).toHaveLength(5)
    const { metadata, ...deployment } = await get('Deployment')
    expect(deployment).toMatchObject({ spec: { replicas: 3, template: { spec: { containers: [{ image: IMAGE }] } } } })
    expect(metadata).toMatchObject({
      managedFields: expect.arrayContaining([
        expect.objectContaining({ manager: 'dromedary-deploy', operation: 'Apply' }),
      ]),
    })
    const subject = { kind: 'ServiceAccount', name: 'leader-election', namespace }
    expect(await get('RoleBinding')).toMatchObject({ subjects: [subject] })

    const again = await deploy('--image', `${IMAGE}.1`, '--replicas', '3')
    await again.waitForLine(WAITING, SLOW)
    await controller(ready(3))
    expect(await again.exited).toMatchObject({ code: 0 })
    expect(await get('Deployment')).toMatchObject({
      spec: { template: { spec: { containers: [{ image: `${IMAGE}.1` }] } } },
    })
  })

  it('says that the new pods are not ready, where they say why, and how to go back', async test => {
    const [late, broken] = [await stage(test), await stage(test)]
    const waiting = await late.deploy('--timeout', '5')
    const failing = await broken.deploy()
    await failing.waitForLine(WAITING, SLOW)
    const reason = 'ProgressDeadlineExceeded'
    await broken.controller({ replicas: 2, conditions: [{ type: 'Progressing', status: 'False', reason }] })
    expect(await complaint(failing)).toMatch(/^DEPLOY_ROLLOUT: .*progress deadline.* describe pods .* rollout undo /)
    await late.controller({ replicas: 2 })
    expect(await complaint(waiting)).toMatch(/^DEPLOY_ROLLOUT: .*timed out/)
  })

  it('--dry-run lets the server check everything, and stores nothing', async test => {
    const { deploy, stored } = await stage(test)
    const command = await deploy('--dry-run')
    expect(await command.exited).toMatchObject({ code: 0 })
    expect(printed(command, 'stdout')).toMatch(
      /deployment\.apps\/leader-election serverside-applied \(server dry run\)/,
    )
    expect(await stored()).toEqual([])
  })

  it('does with the rights of an administrator of the namespace', async test => {
    const { deployWith, kubeconfigOf, controller } = await stage(test)
    const command = await deployWith(await kubeconfigOf('admin'))
    await command.waitForLine(WAITING, SLOW)
    await controller(ready(2))
    expect(await command.exited).toMatchObject({ code: 0 })
  })

  it('stores nothing where it may not do all of it, and says who may not do what', async test => {
    const { deployWith, kubeconfigOf, stored } = await stage(test)
    // May deploy, but neither make roles nor bind them.
    const line = await complaint(await deployWith(await kubeconfigOf('edit')))
    expect(line).toMatch(/^DEPLOY_FORBIDDEN: .*roles.*forbidden.*:edit"/)
    expect(await stored()).toEqual([])
  })

  it('leaves fields that somebody has set by hand, unless told otherwise', async test => {
    const { deploy, controller, scale, get } = await stage(test)
    const first = await deploy()
    await controller(ready(2))
    expect(await first.exited).toMatchObject({ code: 0 })
    await scale(5)

    expect(await complaint(await deploy('--replicas', '3'))).toMatch(
      /^DEPLOY_CONFLICT: .*"hand".*\.spec\.replicas.*--force/,
    )
    expect(await get('Deployment')).toMatchObject({ spec: { replicas: 5 } })
    const forced = await deploy('--replicas', '3', '--force')
    await forced.waitForLine(WAITING, SLOW)
    await controller(ready(3))
    expect(await forced.exited).toMatchObject({ code: 0 })
    expect(await get('Deployment')).toMatchObject({ spec: { replicas: 3 } })
  })

  it('says in one line which cluster, namespace or account is wrong', async test => {
    const { cluster, deploy, deployWith, stored } = await stage(test)
    expect(await complaint(await deploy('--namespace', 'nobodys'))).toMatch(
      /^DEPLOY_NO_NAMESPACE: .* kubectl create namespace nobodys /,
    )
    expect(await complaint(await deploy('--context', 'tset'))).toMatch(/^DEPLOY_NO_CONTEXT: .*"tset"/)
    expect(await complaint(await deployWith(''))).toMatch(/^DEPLOY_NO_CONTEXT: .*KUBECONFIG/)
    expect(await complaint(await deployWith(UNREACHABLE))).toMatch(/^DEPLOY_UNREACHABLE: .*refused/)
    expect(await complaint(await deployWith('not: [yaml'))).toMatch(/^DEPLOY_NO_CONTEXT: .*error loading config file/)
    expect(await complaint(await deployWith(NO_PLUGIN))).toMatch(/^DEPLOY_UNREACHABLE: .*executable no-such-plugin/)
    const stranger = await complaint(await deployWith(cluster.kubeconfig({ token: 'swordfish' })))
    expect(stranger).toMatch(/^DEPLOY_FORBIDDEN: /)
    expect(stranger).not.toContain('swordfish')
    expect(await stored()).toEqual([])
  })
})

describe.concurrent('deploy:kubernetes --build', { timeout: 120_000 }, () => {
  it('says how to build where nothing here does, and stores nothing', async test => {
    const { deploy, stored } = await stage(test)
    expect(await complaint(await deploy('--build'))).toMatch(
      /^DEPLOY_NO_BUILDER: .*docker is not installed; podman is not installed.* docker build --tag \S+:1 --file /,
    )
    expect(await stored()).toEqual([])
  })

  it.skipIf(DOCKER === undefined)('says that a client without a daemon builds nothing', async test => {
    // A daemon of this machine is left alone.
    const { deploy, link } = await stage(test, { DOCKER_HOST: 'unix:///nowhere/docker.sock' })
    link('docker', DOCKER ?? '')
    expect(await complaint(await deploy('--build'))).toMatch(
      /^DEPLOY_NO_BUILDER: .*docker says: .*daemon.*podman is not installed/,
    )
  })

  /** Writes down what it is asked for. No daemon can be taken for granted where tests run. */
  const recording = (file: string, failing: string) =>
    `#!/bin/sh\necho "$*" >> ${file}\ncase "$1" in ${failing}) echo 'denied: token=swordfish' >&2; exit 3;; esac\n`

  it('builds, pushes, and then applies', async test => {
    const { deploy, install, folder, controller, stored } = await stage(test)
    const calls = join(folder, 'calls')
    install('podman', recording(calls, 'nothing'))
    const command = await deploy('--build')
    await command.waitForLine(WAITING, SLOW)
    expect(readFileSync(calls, 'utf8').split('\n')).toEqual([
      'info',
      `build --tag ${IMAGE} --file examples/leader-election/Dockerfile .`,
      `push ${IMAGE}`,
      '',
    ])
    await controller(ready(2))
    expect(await command.exited).toMatchObject({ code: 0 })
    expect(await stored()).toHaveLength(5)
  })

  it.for(['build', 'push'])('stores nothing when the %s fails', async (failing, test) => {
    const { deploy, install, folder, stored } = await stage(test)
    install('docker', recording(join(folder, 'calls'), failing))
    const command = await deploy('--build')
    const line = await complaint(command)
    // What builders say is seen while they work; it may hold anything.
    expect(printed(command, 'stdout')).toContain('denied: token=xxxxxx')
    expect(line).toContain(`DEPLOY_BUILD: docker ${failing} ended with 3: denied: token=xxxxxx`)
    expect(await stored()).toEqual([])
  })
})
