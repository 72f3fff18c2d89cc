/** What the ACL APIs answer. */
export const NO_ACLS =
  "The embedded broker has no access control: it takes connections of this machine only. For ACLs use an Apache Kafka cluster.";
