/**
 * The guard's memory: the agents by key, every policy that was replaced, what people were told, the kill switch.
 *
 * Deletion protection is on for every stage: a key of a test account that was changed has its only way back here too.
 * To remove the table, switch it off by hand first. SST bills on demand and switches point-in-time recovery on; a test
 * of the resource graph holds it to that.
 *
 * Its name alone has SST's random ending: the table outlives its stack, and must not be in the way of the next one.
 */
export function stateTable(): sst.aws.Dynamo {
  return new sst.aws.Dynamo("State", {
    fields: { pk: "string", sk: "string" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    deletionProtection: true,
  });
}
