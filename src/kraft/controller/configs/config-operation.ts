// What IncrementalAlterConfigs may do with a key (KIP-339; Kafka: AlterConfigOp), and how lists are reckoned with.
export const ConfigOperation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

/** What a list holds with the items of `value` added at its end, or taken out. */
export function alteredList(list: string, operation: number, value: string): string {
  const items = list.split(',').filter((item) => item !== '');
  for (const item of value.split(',')) {
    const index = items.indexOf(item);
    if (operation === ConfigOperation.APPEND && index < 0) items.push(item);
    if (operation === ConfigOperation.SUBTRACT && index >= 0) items.splice(index, 1);
  }
  return items.join(',');
}
