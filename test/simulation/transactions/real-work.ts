// Handlers and coordinators are loaded when they are first needed, which takes real time. While that is under way the simulated
// clock has to stand still: else what a seed does would hang on the machine that it runs on.
import { Dispatcher } from '../../../src/broker/network/dispatcher.ts';
import { CoordinatorHost } from '../../../src/broker/node/coordinator-host.ts';
import { quickTurn } from '../../quick-turn.ts';

let underWay = 0;

function counted<T>(work: Promise<T>): Promise<T> {
  underWay++;
  const done = (): void => void underWay--;
  work.then(done, done);
  return work;
}

/** For the clock: comes when nothing real is under way. */
export async function quietTurn(): Promise<void> {
  do await quickTurn();
  while (underWay > 0);
}

const open = Reflect.get(Dispatcher.prototype, 'open');
const coordinator = Reflect.get(CoordinatorHost.prototype, 'coordinator') as (this: CoordinatorHost) => Promise<never>;

/** From now on what is loaded is counted. */
export function watchRealWork(): void {
  Dispatcher.prototype.open = function (apis, stages) {
    const loaded = apis.map((api) => ({ ...api, load: () => counted(api.load()) }));
    return open.call(this, loaded, stages);
  };
  CoordinatorHost.prototype.coordinator = function () {
    return counted(coordinator.call(this));
  };
}

export function unwatchRealWork(): void {
  Dispatcher.prototype.open = open;
  CoordinatorHost.prototype.coordinator = coordinator;
}
