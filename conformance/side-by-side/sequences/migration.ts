// Members of both protocols in one group, which changes from one to the other and back (KIP-848, online migration).
import { ClassicClients } from './classic.ts';
import { ConsumerClients } from './consumer.ts';
import { type ModelScene, Topics } from './scene.ts';

export async function migrationModel(scene: ModelScene): Promise<void> {
  const topics = new Topics(scene);
  await topics.create(`t0-${scene.tag}`, 1 + scene.chances.below(4));
  const group = `g-${scene.tag}`;
  // Of those with ids by chance it is chance who gets what.
  const classic = new ClassicClients(scene, group, topics, 'consumer', !scene.chances.once(4));
  const modern = new ConsumerClients(scene, group, topics);
  // One of them is mostly there first.
  const first = scene.chances.of([classic, modern]);
  for (let i = 0; i < scene.steps; i++) {
    const isEarly = i < 6 && !scene.chances.once(4);
    await (isEarly ? first : scene.chances.of([classic, modern])).step();
  }
}
