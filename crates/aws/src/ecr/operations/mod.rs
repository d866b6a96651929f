//! One operation a file; this is their table.

crate::operation::operations! {
    describe_images::DescribeImages,
    describe_repositories::DescribeRepositories,
}
