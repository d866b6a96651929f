//! One operation a file; this is their table.

crate::operation::operations! {
    describe_availability_zones::DescribeAvailabilityZones,
    describe_instance_status::DescribeInstanceStatus,
    describe_instance_type_offerings::DescribeInstanceTypeOfferings,
    describe_instance_types::DescribeInstanceTypes,
    describe_instances::DescribeInstances,
    describe_regions::DescribeRegions,
    describe_spot_price_history::DescribeSpotPriceHistory,
    describe_tags::DescribeTags,
    stop_instances::StopInstances,
    terminate_instances::TerminateInstances,
}
