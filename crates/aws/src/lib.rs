//! The AWS dialect: SageMaker and what its SDKs touch, as one HTTP service behind SigV4.
