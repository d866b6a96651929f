"""KMS on the local key ring."""

import pytest
from botocore.exceptions import ClientError

from harness.aws import HELLO


def refused(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def test_keys_and_aliases(aws, name):
    kms = aws("kms")
    key = kms.create_key(Description="flowers", Tags=[{"TagKey": "a", "TagValue": "b"}])
    key = key["KeyMetadata"]
    alias = f"alias/{name}"
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    assert refused(kms.create_alias, AliasName=alias, TargetKeyId=key["KeyId"]) == (
        "AlreadyExistsException"
    )
    assert kms.describe_key(KeyId=alias)["KeyMetadata"] == key
    assert kms.describe_key(KeyId=key["Arn"])["KeyMetadata"]["Description"] == "flowers"
    listed = [k["KeyId"] for page in kms.get_paginator("list_keys").paginate() for k in page["Keys"]]
    assert key["KeyId"] in listed
    (found,) = kms.list_aliases(KeyId=key["KeyId"])["Aliases"]
    assert (found["AliasName"], found["TargetKeyId"]) == (alias, key["KeyId"])
    assert kms.list_resource_tags(KeyId=alias)["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
    assert refused(kms.describe_key, KeyId="alias/nobody") == "NotFoundException"
    assert refused(kms.create_key, KeySpec="RSA_2048") == "UnsupportedOperationException"
    kms.delete_alias(AliasName=alias)
    assert refused(kms.describe_key, KeyId=alias) == "NotFoundException"


def test_encryption(aws):
    kms = aws("kms")
    key, other = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    context = {"flower": "violet"}
    sealed = kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext=context)
    blob = sealed["CiphertextBlob"]
    assert b"secret" not in blob
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"secret", sealed["KeyId"])
    for wrong in ({}, {"flower": "rose"}):
        code = refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext=wrong)
        assert code == "InvalidCiphertextException"
    tampered = blob[:-1] + bytes([blob[-1] ^ 1])
    for hostile in (tampered, b"x", blob[:20]):
        code = refused(kms.decrypt, CiphertextBlob=hostile, EncryptionContext=context)
        assert code == "InvalidCiphertextException"
    code = refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext=context, KeyId=other)
    assert code == "IncorrectKeyException"
    moved = kms.re_encrypt(
        CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId=other
    )
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], KeyId=other)["Plaintext"] == b"secret"
    data = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert len(data["Plaintext"]) == 32
    assert kms.decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"] == data["Plaintext"]
    assert "Plaintext" not in kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=8)
    assert len(kms.generate_random(NumberOfBytes=24)["Plaintext"]) == 24

    kms.rotate_key_on_demand(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"secret"
    kms.disable_key(KeyId=key)
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"x") == "DisabledException"
    kms.enable_key(KeyId=key)
    scheduled = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert scheduled["KeyState"] == "PendingDeletion"
    assert refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext=context) == (
        "KMSInvalidStateException"
    )
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"secret"


def test_job_outputs_are_encrypted(aws, name):
    key = aws("kms").create_key()["KeyMetadata"]
    request = aws.training(name, HELLO)
    request["OutputDataConfig"]["KmsKeyId"] = key["KeyId"]
    aws("sagemaker").create_training_job(**request)
    assert aws.trained(name)["TrainingJobStatus"] == "Completed"
    artifact = {"Bucket": aws.bucket, "Key": f"{name}/{name}/output/model.tar.gz"}
    found = aws("s3").get_object(**artifact)
    assert found["Body"].read()
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])
    aws("kms").disable_key(KeyId=key["KeyId"])
    with pytest.raises(ClientError):
        aws("s3").get_object(**artifact)
    aws("kms").enable_key(KeyId=key["KeyId"])
    assert aws("s3").get_object(**artifact)["Body"].read()
